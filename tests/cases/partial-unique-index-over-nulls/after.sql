-- "shifts": 3 rows
INSERT INTO shifts (id, day, worker_id) VALUES (1, 'mon', 1);
INSERT INTO shifts (id, day, worker_id) VALUES (2, 'mon', 8);
INSERT INTO shifts (id, day, worker_id) VALUES (3, 'mon', 9);
-- "workers": 1 rows
INSERT INTO workers (id) VALUES (1);
