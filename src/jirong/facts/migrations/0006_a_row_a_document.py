"""Kinds that have a level (a balance, a headcount) keep a row a document, where documents of a day were added up.

The tally is only ever added to: what stands counted is taken back as it was counted, and each document is counted
again by itself, as learnt now, so a question about an earlier moment still answers as the house answered then. Rows
without documents behind them (a generated cluster, loaded without its papers) were never more than one to a row.
"""

from itertools import groupby

from django.db import migrations

FIGURES = ('amount', 'a', 'b', 'c', 'd')
KINDS = ('tax.filing', 'social.payroll', 'utility.usage', 'accounts.statement', 'bank.flows', 'power.meter')
TAKE_BACK = f"""
    INSERT INTO facts_tally (batch_id, subject_id, kind, "on", key, label, count, disputes, {', '.join(FIGURES)},
                             recorded_at)
    SELECT (array_agg(batch_id))[1], subject_id, kind, "on", key, label, -sum(count), 0,
           {', '.join(f'-sum({name})' for name in FIGURES)}, %s
    FROM facts_tally counted
    WHERE kind = ANY(%s) AND EXISTS (SELECT FROM facts_fact WHERE batch_id = counted.batch_id)
    GROUP BY subject_id, kind, "on", key, label, {', '.join(f'{name} IS NULL' for name in FIGURES)}
    HAVING sum(count) <> 0
"""  # noqa: S608 – names of ours


def count_anew(apps, schema_editor):
    Fact, Tally = apps.get_model('facts', 'Fact'), apps.get_model('facts', 'Tally')
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT set_config('jirong.role', 'system', true), clock_timestamp()")
        _, moment = cursor.fetchone()
        cursor.execute(TAKE_BACK, [moment, list(KINDS)])
    rows = []
    for fact in standing(Fact):
        rows.append(counted_alone(Tally, fact, moment))
        if len(rows) == 2000:
            Tally.objects.bulk_create(rows)
            rows.clear()
    Tally.objects.bulk_create(rows)


def standing(facts):
    """Of each document what its first source says now, in the order documents were first stated in."""
    places, found = {}, []
    said = facts.objects.filter(kind__in=KINDS).order_by('kind', 'subject', 'key', 'recorded_at', 'line')
    for document, statements in groupby(said.iterator(), lambda fact: (fact.kind, fact.subject_id, fact.key)):
        first, *others = statements
        places[document] = (first.recorded_at, first.line)
        found.append([first, *(fact for fact in others if fact.source_id == first.source_id)][-1])
    return sorted(found, key=lambda fact: places[fact.kind, fact.subject_id, fact.key])


def counted_alone(rows, fact, moment):
    from jirong.facts import kinds, tally

    said = tally.counted(kinds.kind_of(fact.kind), fact.values, fact.amount_minor)
    return rows(batch_id=fact.batch_id, subject_id=fact.subject_id, kind=fact.kind, on=fact.on, key=said.key,
                label=said.label, count=1, recorded_at=moment, **said.figures)  # fmt: skip


class Migration(migrations.Migration):

    dependencies = [
        ('facts', '0005_figures_not_given'),
    ]

    operations = [
        migrations.RunPython(count_anew, migrations.RunPython.noop),
    ]
