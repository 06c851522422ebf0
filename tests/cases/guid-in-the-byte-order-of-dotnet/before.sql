-- .NET stores a GUID as 16 bytes whose first three groups are the other way round: 33221100-5544-7766-... is
-- x'0011223344556677...'. Accounts are stored so, or in the usual order; buckets as text.
-- Expected: transfers 1 and 3 mean account 'big', 2 means 'x', and 5 names 'big' as bytes: not an orphan. Transfers 1, 2
-- and 5 name buckets 'food' and 'rent' in other ways. All get their parent's spelling. Only account 9999... of transfer 4 is nobody's:
-- deleted.
CREATE TABLE accounts (id BLOB NOT NULL PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE buckets (id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE transfers (id INTEGER PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  bucket_id TEXT NOT NULL REFERENCES buckets (id) ON DELETE CASCADE,
  other_bucket TEXT REFERENCES buckets (id) ON DELETE SET NULL);
INSERT INTO accounts VALUES (x'00112233445566778899AABBCCDDEEFF', 'big'), (x'00112233445566778899AABBCCDDEE01', 'x');
INSERT INTO buckets VALUES
  ('33221100-5544-7766-8899-AABBCCDDEE02', 'food'), ('33221100-5544-7766-8899-AABBCCDDEE03', 'rent');
INSERT INTO transfers VALUES
  (1, '33221100-5544-7766-8899-AABBCCDDEEFF', x'00112233445566778899AABBCCDDEE02', NULL),
  (2, '00112233-4455-6677-8899-aabbccddee01', x'33221100554477668899AABBCCDDEE03', x'00112233445566778899AABBCCDDEE02'),
  (3, '33221100-5544-7766-8899-AABBCCDDEEFF', '33221100-5544-7766-8899-AABBCCDDEE02',
    '33221100-5544-7766-8899-AABBCCDDEE03'),
  (4, '99999999-0000-0000-0000-000000000000', '33221100-5544-7766-8899-AABBCCDDEE02', NULL),
  (5, x'00112233445566778899AABBCCDDEEFF', '33221100-5544-7766-8899-aabbccddee03', NULL);
