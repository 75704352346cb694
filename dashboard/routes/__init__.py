"""The addresses of the application, one module per subject."""

from fastapi import APIRouter

from dashboard.routes import components, door, exchange, health, job_pages, notice_pages, start

ROUTERS: tuple[APIRouter, ...] = (
    health.addresses.router,
    door.addresses.router,
    start.addresses.router,
    exchange.addresses.router,
    job_pages.addresses.router,
    notice_pages.addresses.router,
    components.addresses.router,
)
