/** The Korean texts of the page around the sections. */
import type { enPage } from "./en-page.ts";
import type { Widened } from "./widened.ts";

export const koPage: Widened<typeof enPage> = {
  page: {
    title: "하나의 야간 배치, 모든 행을 검증한 결과",
    suite: (suite) => `orm-shootout: ${suite} 스위트`,
    several: (runs) => `실행 ${runs}건 통합 리포트`,
    contents: "목차",
    filter: "필터",
    all: "전체",
    reset: "모두 보기",
    shown: (shown, all) => `전체 ${all}행 중 ${shown}행 표시`,
    details: "셀별 상세: 코드, 설정, SQL 문, 샘플",
    skip: "결과로 바로 가기",
    footer: "orm-shootout이 데이터베이스 없이 실행 기록만으로 만든 리포트입니다.",
    english: "기록에서 가져온 문장은 영어 그대로 표시합니다.",
    inWords: "차트 내용을 글로 보기",
  },
  runs: {
    title: "실행 비교",
    same: "머신, 서버, 설정, 데이터가 모두 같은 실행이므로 시간을 나란히 비교합니다.",
    differ: "조건이 서로 다른 실행이라 직접 비교할 수 없습니다. 그래서 실행별로 따로 보여 줍니다. 다른 조건은 다음과 같습니다.",
    difference: ["항목", "첫 번째 실행", "이 실행"],
    differenceTable: (run) => `첫 번째 실행과 ${run}의 차이`,
    table: "실행별 중앙값",
    answer: (runs, fastest) =>
      `${fastest === null ? "" : `가장 빠른 셀은 ${fastest.cell}, ${fastest.time}(실행 ${fastest.run}). `}같은 머신, 같은 설정, 같은 데이터로 측정한 실행 ${runs}건`,
    differing: (runs) => `조건이 다른 실행 ${runs}건: 각 실행 안에서만 비교하세요`,
    figure: "셀과 실행별 샘플 시간",
    reading:
      "점 하나가 샘플 하나입니다. 서로 다른 실행은 라운드를 공유하지 않으므로, 실행 사이의 잡음은 한 실행 안의 잡음보다 클 수 있습니다.",
  },
};
