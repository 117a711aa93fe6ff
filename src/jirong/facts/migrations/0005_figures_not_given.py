"""A figure that a document did not give is null in the tally, where it was zero; what was counted so is counted anew.

The tally is only ever added to: each such document is taken back with its zeros and counted again without them, as
learnt now, so a question about an earlier moment still answers as the house answered then.
"""

from django.db import migrations, models

FIGURES = ('amount', 'a', 'b', 'c', 'd')


def count_anew(apps, schema_editor):
    from jirong.facts import kinds, tally

    Fact, Tally = apps.get_model('facts', 'Fact'), apps.get_model('facts', 'Tally')
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT set_config('jirong.role', 'system', true), clock_timestamp()")
        _, moment = cursor.fetchone()
    some = [code for code, kind in kinds.KINDS.items() if any(map(kind.may_lack, FIGURES))]
    facts = Fact.objects.filter(kind__in=some, corrections__isnull=True).order_by('recorded_at', 'pk')
    places = places_in(Tally, some)
    counted = [(fact, tally.counted(kinds.kind_of(fact.kind), fact.values, fact.amount_minor)) for fact in facts]
    # Documents of one batch came at one moment; the order they were counted in tells which of them is the latest.
    counted.sort(key=lambda pair: (pair[0].recorded_at, places.get(identity(*pair), 0)))
    seen = set()
    for fact, said in counted:
        if (document := (fact.kind, fact.subject_id, fact.key)) in seen:
            continue
        seen.add(document)
        # Of a state the row added last is the latest of its day: all are counted anew, in the order they came.
        if kinds.kind_of(fact.kind).state or None in said.figures.values():
            about = {'batch_id': fact.batch_id, 'subject_id': fact.subject_id, 'kind': fact.kind, 'on': fact.on,
                     'key': said.key, 'label': said.label, 'recorded_at': moment}
            zeros = {name: -(figure or 0) for name, figure in said.figures.items()}
            Tally.objects.create(**about, count=-1, **zeros)
            Tally.objects.create(**about, count=1, **said.figures)


def places_in(rows, some):
    """Where each counted document stands in the tally, by what the tally knows of it."""
    fields = ('batch_id', 'subject_id', 'kind', 'on', 'key', 'label', *FIGURES)
    found = {}
    for pk, *about in rows.objects.filter(kind__in=some).order_by('pk').values_list('pk', *fields):
        found.setdefault((*about[:6], *(figure or 0 for figure in about[6:])), pk)
    return found


def identity(fact, said):
    figures = (said.figures[name] or 0 for name in FIGURES)
    return (fact.batch_id, fact.subject_id, fact.kind, fact.on, said.key, said.label, *figures)


class Migration(migrations.Migration):

    dependencies = [
        ('facts', '0004_disputes'),
    ]

    operations = [
        *(migrations.AlterField('tally', name, models.BigIntegerField(default=0, null=True)) for name in FIGURES),
        migrations.RunPython(count_anew, migrations.RunPython.noop),
    ]
