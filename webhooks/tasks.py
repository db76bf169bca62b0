"""Webhooks in the background. Safe to run twice, and at once with themselves."""

from celery import shared_task

from jobs.queueing import take_turn
from jobs.trusted_time import sound_time_or_log
from webhooks.queue import next_due_delivery
from webhooks.retention import forget_old
from webhooks.sending import send_due_webhooks


@shared_task
def send_webhooks() -> int:
    return take_turn(send_webhooks, send_due_webhooks, next_due_delivery)


@shared_task
def forget_webhooks() -> int:
    now = sound_time_or_log("forget_webhooks")
    return forget_old(now=now.at) if now else 0
