/** The Korean sentences of the notes beside the numbers. */
import type { KeyWords } from "../../parts/key-words.ts";
import type { NoteWords } from "../../parts/note-words.ts";
import type { RttWords } from "../../parts/rtt-words.ts";

const LOSES = "머신이 죽으면 커밋을 잃을 수 있습니다. 그래서 커밋, 특히 한 행짜리 커밋이 운영 환경보다 빠릅니다";

export const koNotes: NoteWords = {
  relaxedServer: (risks) => `내구성 완화: 서버가 ${LOSES}${risks === "" ? "" : `(${risks})`}.`,
  crashSafety: (risks) => `장애 안전성: ${risks}. 커밋은 유실되지 않습니다.`,
  relaxedCells: (relaxed, all) =>
    `내구성 완화: 셀 ${all}개 중 "relaxed"로 표시한 ${relaxed}개. 서버가 ${LOSES}. bench는 이 셀들을 서로만 비교합니다.`,
  warning: (samples, warning) => `샘플 ${samples}개의 경고: ${warning}.`,
  crowdedCores: (workers, cores) =>
    `코어 ${cores}개에서 워커 ${workers.join("개, ")}개가 CPU를 두고 경쟁합니다. 코어가 늘었을 때의 이득은 이 시간에 나타나지 않습니다.`,
  noBaseline: (techniques) =>
    `${techniques}: 로우 드라이버 대비 비율이 없습니다. 기법, 키, 청크, 워커가 같은 로우 드라이버의 시간이 이 실행에 없습니다. unit of work처럼 라이브러리에만 있는 기법은 이 비율이 없습니다.`,
  noDriver: (libraries) =>
    `${libraries}: 자체 드라이버 대비 비율이 없습니다. 그 드라이버로 같은 기법을 측정한 시간이 이 실행에 없습니다.`,
  mostlyComplete: (cell, complete, stopped) =>
    `${cell}: 완료된 샘플 ${complete}개의 값입니다. 더 오래 걸린 ${stopped}개는 제한 시간에 중단됐습니다.`,
  mostlyStopped: (cell, stopped, complete) =>
    `${cell}: 제한 시간에 중단된 샘플 ${stopped}개로 추정한 값입니다. ${complete}개는 더 짧은 시간에 완료됐습니다.`,
  changingCounts: (cell, low, high) =>
    `${cell}: 재시도가 없는데도 SQL 문 수가 ${low}개에서 ${high}개까지 달라졌습니다. 같은 작업이면 같은 수여야 합니다.`,
  openStatements: (cell, open) =>
    `${cell}: prepared statement ${open}개를 닫지 않았습니다. 더 긴 작업은 서버의 max_prepared_stmt_count에 걸려 실패합니다.`,
  rangeLimits: (cell, plans) =>
    `${cell}: 실행 계획 ${plans}개가 range_optimizer_max_mem_size를 넘어(경고 3170) 서버가 인덱스 범위 대신 전체를 스캔했습니다. --chunk를 줄이거나 변수를 키우십시오.`,
  missingTimeline: (title, hasStages) =>
    `"${title}" 표가 없습니다: ${hasStages ? "첫 단계의 시간이 없습니다" : "이 실행의 옵션이 다른 셀을 골랐습니다"}.`,
  verified: (verified, measured) =>
    `샘플 ${measured}개 중 ${verified}개를 검증했습니다. 모든 출력 행이 기대한 행과 같습니다. 검증에 실패한 샘플에는 시간을 주지 않습니다.`,
  fewRounds: (rounds, enough) =>
    `라운드 ${rounds}회: 판정이 아니라 참고 수준입니다. 수십 % 차이도 잡음일 수 있습니다. 신뢰 구간에는 ${enough}라운드 이상이 필요합니다.`,
  fewerRounds: (cells, rounds, all) =>
    `${cells}: 샘플이 오래 걸려 계획에 따라 ${all}라운드 중 ${rounds}라운드만 측정했습니다. 신뢰 구간이 없는 참고 수준의 시간입니다.`,
  noise: (cell, difference, pairs) =>
    `잡음: ${cell}은 라운드가 바뀔 때 자기 자신과 ${difference} 차이 납니다(${pairs}쌍의 중앙값). 이 차이는 머신의 잡음입니다.`,
  estimates: (mark) =>
    `${mark} 표시는 추정치입니다. 제한 시간에 중단된 셀의 속도를 전체 작업으로 늘려 계산했습니다. 끝낸 사용자까지는 검증했습니다.`,
  retries: (retries) =>
    `데드락이나 락 대기 뒤의 재시도가 ${retries}회 있었습니다. 모든 기법에 같은 정책을 적용했고, 그 비용은 시간에 포함됩니다.`,
  resumptions: (times) => `실행이 중단됐다가 ${times}회 이어졌습니다. 라운드 사이에 몇 시간이 비었을 수 있습니다.`,
  noEnd: "기록에 실행의 끝이 없습니다. 빠진 샘플이 있을 수 있습니다.",
  incomplete: (how) => `실행이 끝까지 가지 못했습니다(${how}). 빠진 샘플이 있습니다.`,
};

export const koRtt: RttWords = {
  head: ["셀", "왕복 횟수", "가장 긴 사슬", "시간 = base + chain x RTT", "최대 오차"],
  at: (ms) => `${ms} ms일 때`,
  uncheckedLine: (name) => `${name}: 왕복 횟수 없이 두 지점만으로는 어떤 직선이든 맞습니다. --add-rtt로 한 지점을 더 측정하세요.`,
  noLine: (name, miss) =>
    `${name}: base + chain x RTT가 측정점과 ${miss} 어긋나 직선이 없습니다. 라운드나 왕복 시간을 더 측정하세요.`,
  upTo: (name, time) => `${time}까지 ${name}`,
  anywhere: (name) => `모든 왕복 시간에서 ${name}`,
  beyond: (name) => `그 이상은 ${name}`,
  fastest: (parts) => `이 직선으로 보면 가장 빠른 셀: ${parts}.`,
  total: (measured) => `RTT는 프록시를 거쳐 잰 전체 왕복 시간입니다: ${measured}.`,
  added: (totalMs, addedMs) => `${addedMs} ms를 더했을 때 ${totalMs} ms`,
};

export const koKeys: KeyWords = {
  head: [
    "셀",
    "이전 행",
    "키",
    "시간",
    "첫 키 대비",
    "위의 키 대비",
    "페이지 분할",
    "행당 바이트",
    "리프 채움률",
    "읽은 페이지",
    "조회",
    "조회당 페이지",
    "범위 읽기 행/초",
  ],
  noRows: "없음",
  unknownPool: "알 수 없음",
  pool: (size) => `서버의 버퍼 풀: ${size}. 페이지 분할과 읽은 페이지는 샘플 동안 서버 전체의 값입니다.`,
  fill: "행당 바이트와 리프 채움률은 샘플 뒤 늘어나는 두 테이블의 모든 행에 대한 값이며, 이전 실행의 행을 포함합니다. 리프 채움률은 기본 키의 값입니다.",
  reads:
    "샘플 뒤에 bench는 새 쿠폰 2,000개를 기본 키로 한 문장씩 조회하고, 새 쿠폰을 최대 20,000개까지 기본 키 순서로 읽습니다. 조회 시간에는 왕복 시간이 들어 있습니다.",
};
