"""Disputes are counted on the day of what is counted, not for words put differently, and where a day has one answer
for every pair of sources that disagree: what differs from how they were counted is added, as learnt now.
"""

from collections import Counter
from itertools import groupby

from django.db import migrations


def count_anew(apps, schema_editor):
    Fact, Tally = apps.get_model("facts", "Fact"), apps.get_model("facts", "Tally")
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT set_config('jirong.role', 'system', true), clock_timestamp()")
        _, moment = cursor.fetchone()
    due, batches = expected(Fact)
    for row in Tally.objects.exclude(disputes=0).values_list("subject_id", "kind", "on", "key", "disputes", "batch_id"):
        place, (disputes, batch) = row[:4], row[4:]
        due[place] -= disputes
        batches.setdefault(place, batch)
    Tally.objects.bulk_create(
        Tally(batch_id=batches[place], subject_id=place[0], kind=place[1], on=place[2], key=place[3], count=0,
              disputes=change, recorded_at=moment)
        for place, change in due.items() if change
    )  # fmt: skip


def expected(facts):
    """By subject, kind, day and row of the tally: how many disputes there are now, and a batch to name with them."""
    from jirong.facts import doubt, kinds, tally

    due, batches, days = Counter(), {}, {}
    said = facts.objects.prefetch_related("disputes", "disputes__answer")
    in_order = said.order_by("kind", "subject", "key", "recorded_at", "pk").iterator(chunk_size=2000)
    for (code, subject, _), statements in groupby(in_order, lambda fact: (fact.kind, fact.subject_id, fact.key)):
        kind, every = kinds.kind_of(code), list(statements)
        corrected = {fact.corrects_id for fact in every}
        standing = [fact for fact in every if fact.pk not in corrected]
        main = next(fact for fact in standing if fact.source_id == every[0].source_id)
        number = sum(doubt.differs(kind, main.values, fact.values) for fact in standing if fact is not main)
        number += sum(not hasattr(each, "answer") for fact in standing for each in fact.disputes.all())
        place = (subject, code, main.on, main.values[kind.row_name] if kind.row_name else "")
        due[place], batches[place] = due[place] + number, main.batch_id
        if kind.one_answer:
            for fact in standing:
                days.setdefault((subject, code, fact.on, ""), []).append(fact)
    for place, found in days.items():
        found.sort(key=lambda fact: (fact.recorded_at, fact.line))
        batches.setdefault(place, found[0].batch_id)
        due[place] += tally.disagreeing(kinds.kind_of(place[1]), found)
    return due, batches


class Migration(migrations.Migration):
    dependencies = [
        ("facts", "0008_public_facts"),
    ]

    operations = [migrations.RunPython(count_anew, migrations.RunPython.noop)]
