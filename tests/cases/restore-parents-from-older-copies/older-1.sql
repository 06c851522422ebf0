BEGIN TRANSACTION;
CREATE TABLE customer(id INTEGER PRIMARY KEY, email TEXT, country TEXT, note);
INSERT INTO customer VALUES(1,'ann@example.com',NULL,'');
INSERT INTO customer VALUES(2,'bob@example.org',NULL,replace('two\nlines','\n',char(10)));
COMMIT;
