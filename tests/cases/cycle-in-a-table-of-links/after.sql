-- "friends": 3 rows
INSERT INTO friends (parent_group_id, child_group_id) VALUES (1, 2);
INSERT INTO friends (parent_group_id, child_group_id) VALUES (2, 3);
INSERT INTO friends (parent_group_id, child_group_id) VALUES (3, 1);
-- "group_group": 9 rows
INSERT INTO group_group (parent_group_id, child_group_id) VALUES (1, 1);
INSERT INTO group_group (parent_group_id, child_group_id) VALUES (1, 2);
INSERT INTO group_group (parent_group_id, child_group_id) VALUES (2, 3);
INSERT INTO group_group (parent_group_id, child_group_id) VALUES (3, 4);
INSERT INTO group_group (parent_group_id, child_group_id) VALUES (4, 5);
INSERT INTO group_group (parent_group_id, child_group_id) VALUES (4, 7);
INSERT INTO group_group (parent_group_id, child_group_id) VALUES (5, 3);
INSERT INTO group_group (parent_group_id, child_group_id) VALUES (5, 6);
INSERT INTO group_group (parent_group_id, child_group_id) VALUES (6, 7);
-- "groups": 7 rows
INSERT INTO groups (id, name) VALUES (1, 'all');
INSERT INTO groups (id, name) VALUES (2, 'staff');
INSERT INTO groups (id, name) VALUES (3, 'a');
INSERT INTO groups (id, name) VALUES (4, 'b');
INSERT INTO groups (id, name) VALUES (5, 'c');
INSERT INTO groups (id, name) VALUES (6, 'd');
INSERT INTO groups (id, name) VALUES (7, 'e');
