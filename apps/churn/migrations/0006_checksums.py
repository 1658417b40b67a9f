from django.db import migrations


def fill(apps, schema_editor):
    """Versions of earlier releases are taken as they are."""
    from apps.churn.integrity import checksum

    for version in apps.get_model("churn", "ModelVersion").objects.filter(checksum="").iterator(chunk_size=20):
        version.checksum = checksum(version.parameters)
        version.save(update_fields=["checksum"])


class Migration(migrations.Migration):

    dependencies = [
        ('churn', '0005_unpaid_apart'),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
