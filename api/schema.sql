-- The reference service's own tables, in the schema of the dataset. The workload's tables do not change.
--
-- No foreign keys: an insert into the inbox must not wait for a lock on the user's row, because the inbox exists to avoid
-- that wait.
-- Tokens are the idempotency keys of the writes (UUIDs). Their unique keys prevent a second application of a write.

-- One row. Every write reads it FOR SHARE in its own transaction, and the start of a batch changes it under FOR UPDATE. The
-- commit of that change is the cut-off. A write either saw the batch's id or did not; clocks play no role.
CREATE TABLE batch_cutoff (
  id TINYINT UNSIGNED NOT NULL PRIMARY KEY,
  batch_id INT UNSIGNED NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE batches (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  target_date DATE NOT NULL,
  style VARCHAR(16) NOT NULL,
  status ENUM('running','finished','failed') NOT NULL,
  lease_until DATETIME(6) NOT NULL,
  started_at DATETIME(6) NOT NULL,
  cut_off_at DATETIME(6) NULL,
  finished_at DATETIME(6) NULL,
  targets INT UNSIGNED NULL,
  users_done INT UNSIGNED NOT NULL DEFAULT 0,
  failure VARCHAR(500) NULL,
  UNIQUE KEY batches_once (target_date)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- The fence. Each transaction of a batch reads its row FOR SHARE, except transactions that a technique starts past its
-- session. A takeover and an abandonment increase the attempt. A process that wakes up after its lease finds another number
-- and writes nothing. A separate table, because the batch renews its lease in `batches` all the time.
CREATE TABLE batch_owners (
  batch_id INT UNSIGNED NOT NULL PRIMARY KEY,
  attempt INT UNSIGNED NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- The flags of the guard `db-flag`. User 0 stands for all users. A flag applies while the batch's lease lasts.
CREATE TABLE batch_flags (
  user_id INT UNSIGNED NOT NULL PRIMARY KEY,
  batch_id INT UNSIGNED NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- The last manual change of each badge, and the last batch whose cut-off it came after. That batch does not change the
-- badge.
CREATE TABLE badge_overrides (
  user_id INT UNSIGNED NOT NULL,
  category_id SMALLINT UNSIGNED NOT NULL,
  active TINYINT(1) NOT NULL,
  changed_at DATETIME(6) NOT NULL,
  after_batch_id INT UNSIGNED NOT NULL,
  token BINARY(16) NOT NULL,
  PRIMARY KEY (user_id, category_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- One row per run that issued coupons. A search in the index of coupon_issues steps over every row that a batch has not
-- committed. Beside a batch in one transaction this search took all processor time from the requests.
CREATE TABLE coupon_runs (
  run_id INT UNSIGNED NOT NULL PRIMARY KEY
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE coupon_redemptions (
  run_id INT UNSIGNED NOT NULL,
  user_id INT UNSIGNED NOT NULL,
  coupon_id INT UNSIGNED NOT NULL,
  sequence TINYINT UNSIGNED NOT NULL,
  token BINARY(16) NOT NULL,
  redeemed_at DATETIME(6) NOT NULL,
  PRIMARY KEY (run_id, user_id, coupon_id, sequence),
  UNIQUE KEY coupon_redemptions_token (token)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Ids for new orders, above the last loaded one: orders.id has no AUTO_INCREMENT.
CREATE TABLE order_ids (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- One row per write that took effect, in the transaction of the effect. The row proves the effect and contains the answer
-- for a repeated request. `refused` rows are stored writes that could not take effect when the service applied them.
CREATE TABLE write_log (
  log_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  token BINARY(16) NOT NULL,
  user_id INT UNSIGNED NOT NULL,
  kind ENUM('badge','order','redeem') NOT NULL,
  body JSON NOT NULL,
  body_hash BINARY(32) NOT NULL,
  via ENUM('direct','inbox') NOT NULL,
  batch_id INT UNSIGNED NOT NULL,
  outcome ENUM('applied','refused') NOT NULL,
  status_code SMALLINT UNSIGNED NOT NULL,
  response JSON NOT NULL,
  applied_at DATETIME(6) NOT NULL,
  UNIQUE KEY write_log_token (token),
  KEY write_log_user (user_id, log_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Accepted writes that are not applied yet, and the outcome of the others.
CREATE TABLE inbox (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  request_id BINARY(16) NOT NULL,
  user_id INT UNSIGNED NOT NULL,
  kind ENUM('badge','order','redeem') NOT NULL,
  body JSON NOT NULL,
  body_hash BINARY(32) NOT NULL,
  status ENUM('pending','applied','refused') NOT NULL,
  status_code SMALLINT UNSIGNED NULL,
  accepted_at DATETIME(6) NOT NULL,
  applied_at DATETIME(6) NULL,
  UNIQUE KEY inbox_request (request_id),
  KEY inbox_user (user_id, status, id),
  KEY inbox_status (status, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
