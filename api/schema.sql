-- The reference service's own tables, in the schema of the dataset. The workload's tables do not change.
--
-- No foreign keys: an insert into the inbox must not wait for a lock on the user's row, because the inbox exists to avoid
-- that wait.
-- Tokens are the idempotency keys of the writes (UUIDs). Their unique keys prevent a second application of a write.

-- One row. Every write reads it FOR SHARE in its own transaction, and the start of a batch changes it under FOR UPDATE. The
-- commit of that change is the cut-off. A write either saw the batch's id or did not; clocks play no role.
-- No order may be stamped before `not_before`, the end of the last closed window in UTC. A write reads both columns in the
-- statement that takes its time from the server, so that no clock of a process decides on the window of an order.
CREATE TABLE batch_cutoff (
  id TINYINT UNSIGNED NOT NULL PRIMARY KEY,
  batch_id INT UNSIGNED NOT NULL,
  not_before DATETIME(6) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- One row per date. The rows of `batch_targets` count from the moment `has_targets` is 1. Only processes of the styles `long`
-- and `strategy` renew `lease_until` and report `users_written`, which include uncommitted rows. Members of the cluster need no
-- lease, because their rounds are fenced one by one.
CREATE TABLE batches (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  target_date DATE NOT NULL,
  style VARCHAR(16) NOT NULL,
  status ENUM('selecting','running','finished','failed','abandoned') NOT NULL,
  has_targets TINYINT(1) NOT NULL DEFAULT 0,
  chunk_users INT UNSIGNED NOT NULL,
  pause_ms INT UNSIGNED NOT NULL,
  lease_until DATETIME(6) NULL,
  started_at DATETIME(6) NOT NULL,
  cut_off_at DATETIME(6) NOT NULL,
  finished_at DATETIME(6) NULL,
  targets INT UNSIGNED NULL,
  users_written INT UNSIGNED NULL,
  failure VARCHAR(500) NULL,
  UNIQUE KEY batches_once (target_date),
  KEY batches_status (status)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- The fence. Each transaction of a batch reads its row FOR SHARE, except transactions that a technique starts past its
-- session. A failure and a resumption increase the attempt. A member that wakes up in an earlier attempt finds another number
-- and writes nothing. A separate table, because a process renews its lease in `batches` all the time.
CREATE TABLE batch_owners (
  batch_id INT UNSIGNED NOT NULL PRIMARY KEY,
  attempt INT UNSIGNED NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- The users of a batch, written once. The marker that a user is done is the user's row in grade_logs, which commits with all
-- other rows of the user.
CREATE TABLE batch_targets (
  batch_id INT UNSIGNED NOT NULL,
  user_id INT UNSIGNED NOT NULL,
  PRIMARY KEY (batch_id, user_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- One row per round, in the transaction of the round: its member, its users, its times by the server's clock. The workload's
-- step_execution_log belongs to the techniques.
CREATE TABLE batch_steps (
  step_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  batch_id INT UNSIGNED NOT NULL,
  attempt INT UNSIGNED NOT NULL,
  member BINARY(16) NOT NULL,
  user_ids JSON NOT NULL,
  started_at DATETIME(6) NOT NULL,
  finished_at DATETIME(6) NOT NULL,
  KEY batch_steps_batch (batch_id, step_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- The instances of the service. A member is live while `beat_at` is within its lease, by the server's clock. `seen_batch` is
-- the last batch that the member has read.
CREATE TABLE was_instance (
  id BINARY(16) NOT NULL PRIMARY KEY,
  address VARCHAR(255) NOT NULL,
  seen_batch INT UNSIGNED NOT NULL,
  booted_at DATETIME(6) NOT NULL,
  beat_at DATETIME(6) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- One row per idempotency key, whether its write took effect at once or waits in the inbox. Two tables with a unique key each
-- let one key apply two requests: one direct, one stored.
CREATE TABLE write_keys (
  token BINARY(16) NOT NULL PRIMARY KEY,
  body_hash BINARY(32) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- The flags of the guard `db-flag`. User 0 stands for all users. The transactions of a batch raise and lower them, so that a
-- flag exists exactly while its user is to be written.
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
