-- The key is computed from another column, so it can be neither emptied nor set; only the row could go.
-- Expected: plain (NOT declared): 1 orphan, left with that reason. cascading: 1 orphan, deleted as the schema says.
CREATE TABLE customers (id INTEGER PRIMARY KEY);
CREATE TABLE plain (
  id INTEGER PRIMARY KEY, ref TEXT,
  customer_id INTEGER GENERATED ALWAYS AS (CAST(substr(ref, 3) AS INTEGER)) VIRTUAL REFERENCES customers (id)
);
CREATE TABLE cascading (
  id INTEGER PRIMARY KEY, ref TEXT,
  customer_id INTEGER AS (CAST(substr(ref, 3) AS INTEGER)) STORED REFERENCES customers (id) ON DELETE CASCADE
);
INSERT INTO customers VALUES (1);
INSERT INTO plain VALUES (1, 'c-1'), (2, 'c-9');
INSERT INTO cascading VALUES (1, 'c-1'), (2, 'c-9');
