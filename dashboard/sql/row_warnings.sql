-- name: of_record
-- What is told of the rows behind the record at :address, by document. Index: the tables' primary keys.
SELECT topic, codes FROM masked.warnings(%(entity)s, %(address)s);

-- name: of_document
-- What is told of the live rows of :topic, and of how many each. Index: <table>_warned.
SELECT codes, rows FROM hub.warned(%(topic)s);
