-- Notices to people, their channels, and the watch's state.
select 1;
