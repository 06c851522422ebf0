-- "boxes": 2 rows
INSERT INTO boxes (id, x0, x1) VALUES (1, 0.0, 1.0);
INSERT INTO boxes (id, x0, x1) VALUES (2, 2.0, 3.0);
-- "labels": 2 rows
INSERT INTO labels (id, box_id) VALUES (1, 1);
INSERT INTO labels (id, box_id) VALUES (2, 77);
-- "notes": 2 rows
INSERT INTO notes (id, label_id) VALUES (1, 1);
INSERT INTO notes (id, label_id) VALUES (2, NULL);
