-- The outbox of facts.
select 1;
