"""kill -9 and SIGSTOP of workers: each step's effect is there once, in the database and, by its id, on Kafka."""

import random
import secrets
import signal
from collections import defaultdict
from collections.abc import Iterator

import pytest
from kafka import KafkaConsumer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic

from cli.stack.local import Stack
from jobs.job import Job, State
from tests.eventually import eventually
from tests.jobs.workshop import LEASE_S, Process, Workshop

READ_WITHIN_MS = 10_000
END_SESSIONS = (
    "select pg_terminate_backend(pid) from pg_stat_activity"
    " where datname = current_database() and application_name like %s"
)


@pytest.fixture
def topic(stack: Stack) -> Iterator[str]:
    name = f"uji.jobs.{secrets.token_hex(4)}"
    admin = KafkaAdminClient(**stack.kafka().kafka_python())
    admin.create_topics([NewTopic(name, 1, 1)])
    yield name
    admin.delete_topics([name])
    admin.close()


def events(stack: Stack, topic: str) -> dict[str, set[bytes]]:
    """What was sent under each `ce_id`, read by a second library."""
    place = TopicPartition(topic, 0)
    consumer = KafkaConsumer(**stack.kafka().kafka_python(), consumer_timeout_ms=READ_WITHIN_MS)
    consumer.assign([place])
    consumer.seek_to_beginning(place)
    end = consumer.end_offsets([place])[place]
    found: dict[str, set[bytes]] = defaultdict(set)
    while consumer.position(place) < end:
        for record in next(iter(consumer.poll(timeout_ms=READ_WITHIN_MS).values())):
            found[dict(record.headers)["ce_id"].decode()].add(record.value)
    consumer.close()
    return dict(found)


def kill(process: Process) -> None:
    process.kill()
    process.wait(timeout=10)


def work_off_under_kills(workshop: Workshop, topic: str, *, steps: int, kills: int) -> Job:
    """Let a job of so many steps be worked off while its worker is killed so many times, at places drawn by lot."""
    job = workshop.enqueue(items=steps, topic=topic)
    places = sorted(random.Random(steps).sample(range(1, steps * 9 // 10), kills))
    for place in places:
        with workshop.worker(with_kafka=True) as victim:
            workshop.has_done(job, place, within_s=240)
            kill(victim)
        assert workshop.find(job).state is State.RUNNING
    with workshop.worker(with_kafka=True):
        return workshop.reaches(job, State.DONE, within_s=240)


@pytest.mark.parametrize(
    ("steps", "kills"),
    [
        pytest.param(5_000, 3, id="5,000 steps, 3 kills"),
        pytest.param(100_000, 10, id="100,000 steps, 10 kills", marks=[pytest.mark.full, pytest.mark.timeout(1_500)]),
    ],
)
def test_a_job_whose_worker_is_killed_has_each_effect_once(
    steps: int, kills: int, workshop: Workshop, topic: str
) -> None:
    done = work_off_under_kills(workshop, topic, steps=steps, kills=kills)

    assert (done.done, done.cursor) == (steps, steps)
    assert workshop.effects(done.id) == list(range(steps))
    assert events(workshop.stack, topic) == {done.event_id(item): {str(item).encode()} for item in range(steps)}


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param("job.claimed:1:kill", id="before the first step", marks=pytest.mark.full),
        pytest.param("job.precommit:1:kill", id="before the first COMMIT"),
        pytest.param("job.precommit:17:kill", id="before a later COMMIT", marks=pytest.mark.full),
        pytest.param("job.committed:1:kill", id="after the first COMMIT"),
        pytest.param("job.committed:40:kill", id="after the last COMMIT", marks=pytest.mark.full),
    ],
)
def test_a_kill_at_each_point_of_a_step_changes_nothing_in_the_end(fault: str, workshop: Workshop, topic: str) -> None:
    must_survive(workshop, topic, fault)


def must_survive(workshop: Workshop, topic: str, fault: str) -> None:
    """A worker is killed at a point of its 40 steps or of other jobs; the next one ends with each effect once."""
    job = workshop.enqueue(items=40, topic=topic)

    others = [workshop.enqueue("tick") for _ in range(3)]
    with workshop.worker(faults=fault, with_kafka=True) as victim:
        assert victim.wait(timeout=60) == -signal.SIGKILL
    with workshop.worker(with_kafka=True):
        done = workshop.reaches(job, State.DONE)
        for each in others:
            workshop.reaches(each, State.DONE)

    assert [workshop.effects(each) for each in others] == [[0]] * 3
    assert workshop.effects(job) == list(range(40))
    assert events(workshop.stack, topic) == {done.event_id(item): {str(item).encode()} for item in range(40)}


def test_another_worker_takes_over_from_a_killed_one(workshop: Workshop) -> None:
    job = workshop.enqueue(items=200, rest_s=0.01)

    with workshop.worker(worker="first") as first:
        workshop.has_done(job, 10)
        with workshop.worker(worker="second"):
            kill(first)
            done = workshop.reaches(job, State.DONE)

    assert done.worker == "second"
    assert workshop.effects(job) == list(range(200))


def test_a_stopped_worker_that_comes_back_has_lost_its_job_and_goes_on_with_others(workshop: Workshop) -> None:
    """SIGSTOP for longer than the lease; the step that was in hand is rolled back."""
    job = workshop.enqueue(items=300, rest_s=0.01)

    with workshop.worker(worker="first") as first:
        workshop.has_done(job, 10)
        first.send_signal(signal.SIGSTOP)
        with workshop.worker(worker="second") as second:
            # Stopped as it writes, it holds the job's row until the database ends its session, after 30 s.
            eventually(lambda: workshop.find(job).worker, until=lambda name: name == "second", within_s=60)
            first.send_signal(signal.SIGCONT)
            workshop.reaches(job, State.DONE)
            kill(second)
        after = workshop.enqueue(items=1)
        assert workshop.reaches(after, State.DONE).worker == "first"

    assert workshop.find(job).worker == "second"
    assert workshop.effects(job) == list(range(300))


def test_a_worker_that_is_told_to_stop_hands_its_job_back_at_once(workshop: Workshop) -> None:
    job = workshop.enqueue(items=100, rest_s=0.02)

    with workshop.worker(lease_s=60) as first:
        workshop.has_done(job, 10)
        first.send_signal(signal.SIGTERM)
        assert first.wait(timeout=10) == 0
    handed_back = workshop.find(job)
    with workshop.worker(lease_s=60):
        workshop.reaches(job, State.DONE)

    assert (handed_back.state, 10 <= handed_back.done < 100) == (State.QUEUED, True)
    assert workshop.effects(job) == list(range(100))


def test_a_step_that_kills_its_worker_again_and_again_ends_the_job(workshop: Workshop) -> None:
    job = workshop.enqueue("fall")  # may be tried twice

    for _ in range(2):
        with workshop.worker(faults="job.precommit:1:kill") as victim:
            assert victim.wait(timeout=60) == -signal.SIGKILL
    with workshop.worker():
        failed = workshop.reaches(job, State.FAILED)

    assert (failed.done, failed.message) == (0, "Proses berhenti berulang kali pada langkah yang sama.")


@pytest.mark.parametrize("whose", ["all", "library"])
def test_lost_connections_delay_a_job_and_change_nothing(whose: str, workshop: Workshop) -> None:
    """Every session of the worker is ended by the server, or those of the library alone."""
    job = workshop.enqueue(items=300, rest_s=0.01)
    names = "simpul-jobs" if whose == "library" else "simpul-jobs%"

    with workshop.worker():
        workshop.has_done(job, 20)
        with workshop.database.connect("simpul_jobs", autocommit=True) as conn:
            ended = conn.execute(END_SESSIONS, (names,)).fetchall()
        workshop.reaches(job, State.DONE, within_s=60)

    assert len(ended) >= 2
    assert workshop.effects(job) == list(range(300))


def test_a_lost_turn_is_found_again_whatever_became_of_it(workshop: Workshop) -> None:
    """The keeper looks at what should run, not at how it was lost."""
    job = workshop.enqueue(items=3)
    workshop.owner.execute("delete from jobs.procrastinate_jobs")

    with workshop.worker():
        workshop.reaches(job, State.DONE, within_s=5 * LEASE_S + 20)

    assert workshop.effects(job) == [0, 1, 2]


def test_a_turn_whose_end_could_not_be_told_does_not_block_its_lane(workshop: Workshop) -> None:
    """The worker lives, so its turns count as being worked on: it must begin anew."""
    workshop.owner.execute(
        "create function public.refuse() returns trigger language plpgsql as"
        " $$ begin raise exception 'the disk is full' using errcode = '53100'; end $$"
    )
    workshop.owner.execute(
        "create trigger refuse before delete on jobs.procrastinate_jobs execute function public.refuse()"
    )
    first, second = workshop.enqueue("tick"), workshop.enqueue("tick")

    with workshop.worker() as process:
        workshop.reaches(first, State.DONE)
        eventually(lambda: workshop.log.read_text(encoding="utf-8"), until=lambda said: "begins anew" in said)
        workshop.owner.execute("drop trigger refuse on jobs.procrastinate_jobs")
        workshop.reaches(second, State.DONE)
        assert process.poll() is None

    assert workshop.effects(first) == workshop.effects(second) == [0]
