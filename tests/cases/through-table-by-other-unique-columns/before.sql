-- Django's through models with to_field: the keys refer to unique columns that are not the primary key. A permit is
-- nothing but a link, a pass has its pair unique and a date, and what may be NULL is no mere link.
-- Expected: permit and pass are join tables (pass carries data), visit is none, nor is ledger with two keys to one table. Link rows without an end are deleted;
-- visit 2 keeps its reader and is emptied of the country.
CREATE TABLE country (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, code varchar(2) NOT NULL UNIQUE);
CREATE TABLE reader (id char(32) NOT NULL PRIMARY KEY, card varchar(20) NOT NULL UNIQUE);
CREATE TABLE permit (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  country_id varchar(2) NOT NULL REFERENCES country (code) DEFERRABLE INITIALLY DEFERRED,
  reader_id varchar(20) NOT NULL REFERENCES reader (card) DEFERRABLE INITIALLY DEFERRED
);
CREATE TABLE pass (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, until date NOT NULL,
  country_id varchar(2) NOT NULL REFERENCES country (code) DEFERRABLE INITIALLY DEFERRED,
  reader_id varchar(20) NOT NULL REFERENCES reader (card) DEFERRABLE INITIALLY DEFERRED
);
CREATE UNIQUE INDEX pass_country_reader_uniq ON pass (country_id, reader_id);
CREATE TABLE visit (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  country_id varchar(2) NULL REFERENCES country (code) DEFERRABLE INITIALLY DEFERRED,
  reader_id varchar(20) NULL REFERENCES reader (card) DEFERRABLE INITIALLY DEFERRED
);
INSERT INTO country VALUES (1, 'no'), (2, 'se');
INSERT INTO reader VALUES ('5a7c1f0e5a7c1f0e5a7c1f0e5a7c1f0e', 'card 1');
INSERT INTO permit VALUES (4, 'no', 'card 1'), (1, 'no', 'card 1'), (2, 'fi', 'card 1'), (3, 'se', 'card 9');
INSERT INTO pass VALUES (1, '2027-01-01', 'no', 'card 1'), (2, '2027-01-01', 'fi', 'card 1');
INSERT INTO visit VALUES (1, 'no', 'card 1'), (2, 'fi', 'card 1');
CREATE TABLE ledger (id INTEGER PRIMARY KEY, home_id INTEGER NOT NULL REFERENCES country (id), away_id INTEGER NOT NULL REFERENCES country (id));
INSERT INTO ledger VALUES (1, 1, 2), (2, 1, 2);
