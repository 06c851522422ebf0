-- An application in which the group of a widget's administrators was forgotten: docs/backfill.md
CREATE TABLE auth_group (id INTEGER PRIMARY KEY AUTOINCREMENT, name VARCHAR(80) NOT NULL UNIQUE);
CREATE TABLE widget (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name VARCHAR(100) NOT NULL,
    city VARCHAR(40),
    group_id INTEGER NULL UNIQUE REFERENCES auth_group (id)
);
INSERT INTO auth_group (name) VALUES ('Editors'), ('Clock Admin');
INSERT INTO widget (name, city) VALUES
    ('Widget', 'Bonn'), ('Widget', 'Ulm'), ('Clock', 'Bonn'), ('Widget', NULL),
    ('A widget with a name that is longer than anybody would have thought it could ever be', 'Ulm'),
    ('Lamp', 'Bonn'), ('Stove', 'Bonn');
