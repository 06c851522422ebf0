-- "admin_log": 2 rows
INSERT INTO admin_log (id, user_id) VALUES (1, 1);
INSERT INTO admin_log (id, user_id) VALUES (2, 9);
-- "auth_user": 1 rows
INSERT INTO auth_user (id, name) VALUES (1, 'Ann');
-- "hauntings": 0 rows
-- "new__shop": 1 rows
INSERT INTO new__shop (id) VALUES (1);
-- "shelf": 1 rows
INSERT INTO shelf (id, shop_id) VALUES (1, 1);
-- "sqlite_sequence": 2 rows
INSERT INTO sqlite_sequence (name, seq) VALUES ('auth_user', 1);
INSERT INTO sqlite_sequence (name, seq) VALUES ('new__shop', 1);
