-- Audit, its chain, and grants.
select 1;
