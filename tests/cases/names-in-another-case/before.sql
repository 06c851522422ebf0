-- The declaration spells tables and columns in another case than they were made with; SQLite does not mind.
-- Expected: the relationship is shown by the names as the tables spell them; 1 orphan, emptied. An É is not an é to
-- SQLite, so that parent table is missing.
CREATE TABLE Customers (ID INTEGER PRIMARY KEY);
CREATE TABLE "É" (id INTEGER PRIMARY KEY);
CREATE TABLE Orders (
  id INTEGER PRIMARY KEY, Customer_ID INTEGER, e INTEGER REFERENCES "é" (id),
  FOREIGN KEY (customer_id) REFERENCES CUSTOMERS (Id)
);
INSERT INTO customers VALUES (1);
INSERT INTO orders VALUES (1, 1, NULL), (2, 9, 5);
