-- Of customers, orders, lines and notes, the customer is an orphan; the user wants to keep the notes, three levels down.
-- options: --set notes.line_id=keep
-- Expected: 1 orphan; deleting customer 2 would in the end take line 2 from under note 2. So nothing is deleted at all.
CREATE TABLE firms (id INTEGER PRIMARY KEY);
CREATE TABLE customers (id INTEGER PRIMARY KEY, firm_id INTEGER NOT NULL REFERENCES firms (id));
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id));
CREATE TABLE lines (id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders (id));
CREATE TABLE notes (id INTEGER PRIMARY KEY, line_id INTEGER NOT NULL REFERENCES lines (id));
INSERT INTO firms VALUES (1);
INSERT INTO customers VALUES (1, 1), (2, 9);
INSERT INTO orders VALUES (1, 1), (2, 2);
INSERT INTO lines VALUES (1, 1), (2, 2);
INSERT INTO notes VALUES (1, 1), (2, 2);
