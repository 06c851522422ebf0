-- Rows that were written while CHECK constraints were switched off, and one whose constraint gives NULL, which is kept.
-- Expected: three constraints are broken, each with its own rows; nothing is repaired.
-- integrity: skip
CREATE TABLE item (
  id INTEGER PRIMARY KEY,
  price INTEGER CONSTRAINT price_positive CHECK (price > 0),
  "unit price" REAL, -- CHECK (this is none)
  kind TEXT CHECK (kind IN ("book", 'toy') /* a string in double quotes */),
  CONSTRAINT "no ""free"" lunch" CHECK (item.price <= 100 OR "unit price" > 0.5)
);
INSERT INTO item VALUES (1, 5, 1.0, 'book'), (2, NULL, NULL, NULL), (3, 200, 2.0, 'toy');
PRAGMA ignore_check_constraints = ON;
INSERT INTO item VALUES (4, -1, 1.0, 'book'), (5, 0, 1.0, 'pen'), (6, 200, 0.1, 'toy'), (7, 200, NULL, 'toy');
