-- The expected result of the job, independent of every technique and of rules.ts, so that a shared mistake cannot confirm
-- itself. Built once per dataset from the snapshots of the initial state. It has rows per user, so that the check of a
-- stopped run can compare exactly the users that the run finished.
-- Parameters, as session variables: @from_time and @to_time (window, half-open), @changed_at.

DROP TABLE IF EXISTS _expected_state, _expected_targets, _expected_earned, _expected_badges, _expected_users,
                     _expected_grade_logs, _expected_coupon_issues;

-- The target users: all with at least one paid order inside the window. (Through the index this takes 6.5 s instead of 1.2
-- s.)
CREATE TABLE _expected_targets (user_id INT UNSIGNED NOT NULL PRIMARY KEY) ENGINE=InnoDB
SELECT DISTINCT o.user_id FROM orders o IGNORE INDEX (orders_user_time) WHERE o.ordered_at >= @from_time AND o.ordered_at < @to_time AND o.status = 'paid';

-- The earned badges: at least 5 paid orders of 400,000 won in total.
CREATE TABLE _expected_earned (
  user_id INT UNSIGNED NOT NULL, category_id SMALLINT UNSIGNED NOT NULL, PRIMARY KEY (user_id, category_id)) ENGINE=InnoDB
SELECT o.user_id, o.category_id FROM orders o
WHERE o.status = 'paid' AND o.ordered_at >= @from_time AND o.ordered_at < @to_time
GROUP BY o.user_id, o.category_id
HAVING NOT (COUNT(*) < 5 OR SUM(o.amount) < 400000.00);

CREATE TABLE _expected_badges (
  user_id INT UNSIGNED NOT NULL, category_id SMALLINT UNSIGNED NOT NULL, active TINYINT(1) NOT NULL,
  changed_at DATETIME(6) NULL, written TINYINT(1) NOT NULL, PRIMARY KEY (user_id, category_id)) ENGINE=InnoDB
SELECT user_id, category_id, IF(written, 1 - was_active, was_active) AS active, IF(written, CAST(@changed_at AS DATETIME(6)), was_changed_at) AS changed_at, written
FROM (SELECT b.user_id, b.category_id, b.active AS was_active, b.changed_at AS was_changed_at,
             b.user_id IN (SELECT t.user_id FROM _expected_targets t)
             AND b.active <> ((b.user_id, b.category_id) IN (SELECT e.user_id, e.category_id FROM _expected_earned e)) AS written
      FROM _snapshot_badges b) AS state;

CREATE TABLE _expected_grade_logs (
  user_id INT UNSIGNED NOT NULL PRIMARY KEY, previous_grade VARCHAR(8) NOT NULL, new_grade VARCHAR(8) NOT NULL,
  changed_at DATETIME(6) NOT NULL) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4
SELECT t.user_id, u.grade AS previous_grade,
       ELT(1 + LEAST(3, (SELECT COUNT(*) FROM _expected_earned e WHERE e.user_id = t.user_id)), 'SILVER', 'SILVER', 'GOLD', 'VIP') AS new_grade,
       CAST(@changed_at AS DATETIME(6)) AS changed_at
FROM _expected_targets t JOIN _snapshot_users u ON u.id = t.user_id;

CREATE TABLE _expected_users (
  id INT UNSIGNED NOT NULL PRIMARY KEY, grade VARCHAR(8) NOT NULL, grade_changed_at DATETIME(6) NULL,
  name VARCHAR(64) NOT NULL, created_at DATETIME(6) NOT NULL, written TINYINT(1) NOT NULL) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4
SELECT u.id, COALESCE(l.new_grade, u.grade) AS grade, COALESCE(l.changed_at, u.grade_changed_at) AS grade_changed_at,
       u.name, u.created_at, l.user_id IS NOT NULL AS written
FROM _snapshot_users u LEFT JOIN _expected_grade_logs l ON l.user_id = u.id;

CREATE TABLE _expected_coupon_issues (
  user_id INT UNSIGNED NOT NULL, coupon_id INT UNSIGNED NOT NULL, sequence TINYINT UNSIGNED NOT NULL, grade VARCHAR(8) NOT NULL,
  issued_at DATETIME(6) NOT NULL, PRIMARY KEY (user_id, coupon_id, sequence)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4
WITH RECURSIVE copies AS (SELECT 1 AS sequence UNION ALL SELECT sequence + 1 FROM copies WHERE sequence < 3)
SELECT e.user_id, c.id AS coupon_id, copies.sequence, l.new_grade AS grade, CAST(@changed_at AS DATETIME(6)) AS issued_at
FROM _expected_earned e
JOIN coupons c ON c.category_id = e.category_id
JOIN _expected_grade_logs l ON l.user_id = e.user_id
JOIN copies ON copies.sequence <= FIELD(l.new_grade, 'SILVER', 'GOLD', 'VIP');
