-- The tables of the workload. They must not change: results of different dates are comparable only on the same tables.
--
-- No foreign keys: an insert into a child table takes a shared lock on the parent row and waits for the batch's row locks. A
-- benchmark would measure the constraint and not the technique.
-- STATS_AUTO_RECALC=0 with an explicit ANALYZE TABLE after the load: otherwise the optimiser's statistics change in the
-- middle of a sample. Times are DATETIME(6) in UTC. Money is DECIMAL(12,2); the rules use whole won.
-- The two growing tables exist once per key storage (`identity`: AUTO_INCREMENT; `bin16` and `char36`: BINARY(16) and CHAR(36)
-- that the client generates). CHAR(36) has the character set of the table, as in a schema that sets none.

CREATE TABLE categories (
  id SMALLINT UNSIGNED NOT NULL PRIMARY KEY,
  name VARCHAR(32) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 STATS_AUTO_RECALC=0;

CREATE TABLE coupons (
  id INT UNSIGNED NOT NULL PRIMARY KEY,
  category_id SMALLINT UNSIGNED NOT NULL,
  name VARCHAR(64) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 STATS_AUTO_RECALC=0;

CREATE TABLE users (
  id INT UNSIGNED NOT NULL PRIMARY KEY,
  name VARCHAR(64) NOT NULL,
  grade VARCHAR(8) NOT NULL,
  grade_changed_at DATETIME(6) NULL,
  created_at DATETIME(6) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 STATS_AUTO_RECALC=0;

CREATE TABLE orders (
  id INT UNSIGNED NOT NULL PRIMARY KEY,
  user_id INT UNSIGNED NOT NULL,
  category_id SMALLINT UNSIGNED NOT NULL,
  amount DECIMAL(12,2) NOT NULL,
  status VARCHAR(10) NOT NULL,
  ordered_at DATETIME(6) NOT NULL,
  KEY orders_user_time (user_id, ordered_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 STATS_AUTO_RECALC=0;

CREATE TABLE badges (
  user_id INT UNSIGNED NOT NULL,
  category_id SMALLINT UNSIGNED NOT NULL,
  active TINYINT(1) NOT NULL,
  changed_at DATETIME(6) NULL,
  PRIMARY KEY (user_id, category_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 STATS_AUTO_RECALC=0;

CREATE TABLE grade_logs_identity (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  run_id INT UNSIGNED NOT NULL,
  user_id INT UNSIGNED NOT NULL,
  previous_grade VARCHAR(8) NOT NULL,
  new_grade VARCHAR(8) NOT NULL,
  changed_at DATETIME(6) NOT NULL,
  UNIQUE KEY grade_logs_once (run_id, user_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 STATS_AUTO_RECALC=0;

CREATE TABLE grade_logs_bin16 (
  id BINARY(16) NOT NULL PRIMARY KEY,
  run_id INT UNSIGNED NOT NULL,
  user_id INT UNSIGNED NOT NULL,
  previous_grade VARCHAR(8) NOT NULL,
  new_grade VARCHAR(8) NOT NULL,
  changed_at DATETIME(6) NOT NULL,
  UNIQUE KEY grade_logs_once (run_id, user_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 STATS_AUTO_RECALC=0;

CREATE TABLE grade_logs_char36 (
  id CHAR(36) NOT NULL PRIMARY KEY,
  run_id INT UNSIGNED NOT NULL,
  user_id INT UNSIGNED NOT NULL,
  previous_grade VARCHAR(8) NOT NULL,
  new_grade VARCHAR(8) NOT NULL,
  changed_at DATETIME(6) NOT NULL,
  UNIQUE KEY grade_logs_once (run_id, user_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 STATS_AUTO_RECALC=0;

CREATE TABLE coupon_issues_identity (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  run_id INT UNSIGNED NOT NULL,
  user_id INT UNSIGNED NOT NULL,
  coupon_id INT UNSIGNED NOT NULL,
  sequence TINYINT UNSIGNED NOT NULL,
  grade VARCHAR(8) NOT NULL,
  issued_at DATETIME(6) NOT NULL,
  UNIQUE KEY coupon_issues_once (run_id, user_id, coupon_id, sequence)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 STATS_AUTO_RECALC=0;

CREATE TABLE coupon_issues_bin16 (
  id BINARY(16) NOT NULL PRIMARY KEY,
  run_id INT UNSIGNED NOT NULL,
  user_id INT UNSIGNED NOT NULL,
  coupon_id INT UNSIGNED NOT NULL,
  sequence TINYINT UNSIGNED NOT NULL,
  grade VARCHAR(8) NOT NULL,
  issued_at DATETIME(6) NOT NULL,
  UNIQUE KEY coupon_issues_once (run_id, user_id, coupon_id, sequence)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 STATS_AUTO_RECALC=0;

CREATE TABLE coupon_issues_char36 (
  id CHAR(36) NOT NULL PRIMARY KEY,
  run_id INT UNSIGNED NOT NULL,
  user_id INT UNSIGNED NOT NULL,
  coupon_id INT UNSIGNED NOT NULL,
  sequence TINYINT UNSIGNED NOT NULL,
  grade VARCHAR(8) NOT NULL,
  issued_at DATETIME(6) NOT NULL,
  UNIQUE KEY coupon_issues_once (run_id, user_id, coupon_id, sequence)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 STATS_AUTO_RECALC=0;

-- One row per run and partition. A rerun that finds the row at its start knows that rows of this run may already exist.
CREATE TABLE step_execution_log (
  run_id INT UNSIGNED NOT NULL,
  first_user_id INT UNSIGNED NOT NULL,
  last_user_id INT UNSIGNED NOT NULL,
  started_at DATETIME(6) NOT NULL,
  finished_at DATETIME(6) NULL,
  PRIMARY KEY (run_id, first_user_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 STATS_AUTO_RECALC=0;
