-- Triggers write down every change and every deletion.
-- Expected: order 2 is emptied and note 2 deleted, and the log has a row for each: the file's own triggers run.
CREATE TABLE customers (id INTEGER PRIMARY KEY);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id));
CREATE TABLE notes (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id));
CREATE TABLE log (id INTEGER PRIMARY KEY AUTOINCREMENT, what TEXT);
CREATE TRIGGER orders_changed AFTER UPDATE ON orders BEGIN
  INSERT INTO log (what) VALUES ('order ' || old.id || ': ' || old.customer_id || ' -> ' || ifnull(new.customer_id, 'none'));
END;
CREATE TRIGGER notes_gone AFTER DELETE ON notes BEGIN INSERT INTO log (what) VALUES ('note ' || old.id); END;
INSERT INTO customers VALUES (1);
INSERT INTO orders VALUES (1, 1), (2, 9);
INSERT INTO notes VALUES (1, 1), (2, 9);
