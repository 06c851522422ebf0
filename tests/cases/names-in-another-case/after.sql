-- "Customers": 1 rows
INSERT INTO "Customers" ("ID") VALUES (1);
-- "Orders": 2 rows
INSERT INTO "Orders" (id, "Customer_ID", e) VALUES (1, 1, NULL);
INSERT INTO "Orders" (id, "Customer_ID", e) VALUES (2, NULL, 5);
-- "É": 0 rows
