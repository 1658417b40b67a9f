from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_customer_story")]

    operations = [migrations.AlterField(model_name="importrun", name="kind", field=models.CharField(max_length=20))]
