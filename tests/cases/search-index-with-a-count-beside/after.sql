-- "authors": 1 rows
INSERT INTO authors (id, published) VALUES (1, 1);
-- "categories": 1 rows
INSERT INTO categories (id) VALUES (1);
-- "documents": 1 rows
INSERT INTO documents (id, author_id, category_id, body) VALUES (1, 1, 1, 'hello');
-- "search": 1 rows
INSERT INTO search (body) VALUES ('hello');
