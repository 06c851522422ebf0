-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
-- Nothing is to be done.

-- Left as it is:
--   orphan-rows: 1 row of employees (department_id): it would delete rows of employees to which 1 row refers by departments.head_id (it would delete rows of departments to which 1 row refers by employees.department_id)
