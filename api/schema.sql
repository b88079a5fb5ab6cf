-- The reference service's own tables, in the dataset's schema. The workload's tables stay as they are.
--
-- No foreign keys: storing a write in the inbox must not wait for a lock on the user's row, which is what it gives way to.
-- Tokens are the writes' idempotency keys (UUIDs); their uniqueness is what keeps a write from being applied twice.

-- One row. Every write reads it FOR SHARE in its own transaction, the start of a batch changes it under FOR UPDATE: the commit
-- of that change is the cut-off. A write saw the batch's id or it did not, whatever any clock says.
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

-- The fence. Each transaction of a batch reads its row FOR SHARE, but for those that a technique makes past its session; taking a
-- batch over or giving it up counts the attempt up. A process that wakes up after its lease finds another number and writes
-- nothing. Apart from batches, whose lease is renewed all the time.
CREATE TABLE batch_owners (
  batch_id INT UNSIGNED NOT NULL PRIMARY KEY,
  attempt INT UNSIGNED NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- The flags of the guard `db-flag`: user 0 stands for everyone. They count as long as the batch's lease lasts.
CREATE TABLE batch_flags (
  user_id INT UNSIGNED NOT NULL PRIMARY KEY,
  batch_id INT UNSIGNED NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- The last manual change of each badge, and the last batch whose cut-off it came after: that batch leaves the badge alone.
CREATE TABLE badge_overrides (
  user_id INT UNSIGNED NOT NULL,
  category_id SMALLINT UNSIGNED NOT NULL,
  active TINYINT(1) NOT NULL,
  changed_at DATETIME(6) NOT NULL,
  after_batch_id INT UNSIGNED NOT NULL,
  token BINARY(16) NOT NULL,
  PRIMARY KEY (user_id, category_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- The runs that have issued coupons, a row each. To find them in the index of coupon_issues means to step over every row that a
-- batch has not committed yet: beside a batch of one transaction that took requests all of the processor time there was.
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

-- Numbers for new orders, from behind the last loaded one: orders.id has no AUTO_INCREMENT of its own.
CREATE TABLE order_ids (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- A row for each write that took effect, in the transaction of the effect: the proof that it did, and the answer for whoever
-- sends it again. `refused` rows are queued writes that could not take effect when their turn came.
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

-- Writes that were accepted and not applied yet, and what became of them.
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
