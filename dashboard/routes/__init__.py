"""The addresses of the application, one module per subject."""

from fastapi import APIRouter

from dashboard.routes import (
    access_pages,
    account_pages,
    agreement_pages,
    asking_pages,
    audit_pages,
    calendar_pages,
    case_acts,
    case_api,
    case_comments,
    case_downloads,
    case_files,
    case_lists,
    case_new,
    case_pages,
    catalogue_files,
    catalogue_pages,
    change_api,
    components,
    conflict_pages,
    credential_pages,
    door,
    draft_pages,
    exchange,
    grant_pages,
    health,
    job_pages,
    load_pages,
    look_pages,
    notice_pages,
    opd_pages,
    paper_pages,
    past_api,
    past_pages,
    people_pages,
    problem_pages,
    profile_pages,
    record_pages,
    reference_api,
    source_pages,
    start,
    token_pages,
    warning_api,
    watch_pages,
)

_SUBJECTS = (
    case_api,
    change_api,  # before reference_api, whose last address takes any key
    past_api,  # before reference_api, whose last address takes any key
    warning_api,  # before reference_api, whose last address takes any key
    reference_api,  # early, as it is asked most often
    health,
    door,
    start,
    account_pages,
    case_new,  # before case_pages, whose last address takes any number
    case_comments,
    case_acts,
    case_files,
    case_pages,
    case_downloads,
    case_lists,
    calendar_pages,
    paper_pages,
    exchange,
    catalogue_files,  # before catalogue_pages, whose last address takes any two names
    catalogue_pages,
    profile_pages,
    look_pages,  # before record_pages, whose last address takes any row's
    past_pages,
    record_pages,
    agreement_pages,  # before grant_pages, whose last address takes any number
    grant_pages,
    draft_pages,
    source_pages,
    load_pages,
    conflict_pages,
    asking_pages,  # before access_pages, whose last address takes any number
    access_pages,
    job_pages,
    notice_pages,
    watch_pages,
    opd_pages,
    people_pages,
    token_pages,
    credential_pages,
    audit_pages,
    components,
    problem_pages,
)
ROUTERS: tuple[APIRouter, ...] = tuple(subject.addresses.router for subject in _SUBJECTS)
