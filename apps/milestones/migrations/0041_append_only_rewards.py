from django.db import migrations

# As of the ARR ledger: rows are never typed over. Who is deleted is set null by the key itself, at depth 1; anybody else comes at depth 0.
# TRUNCATE is looked at afterwards, so that emptying the whole database still works.
GUARD = """
alter table milestones_rewardmovement
    add constraint reward_of_account foreign key (account_id) references accounts_account on delete set null deferrable initially deferred,
    add constraint reward_of_claim foreign key (claim_id) references milestones_rewardclaim on delete set null deferrable initially deferred,
    add constraint reward_of_redemption foreign key (redemption_id) references milestones_redemption on delete set null deferrable initially deferred;
create function milestones_rewards_are_append_only() returns trigger language plpgsql as $$
begin
    if tg_op = 'TRUNCATE' and not exists (select 1 from accounts_account) then
        return null;
    end if;
    raise exception 'the reward ledger is append-only: take the movement back with another' using errcode = 'integrity_constraint_violation';
end $$;
create trigger rewards_are_append_only before update or delete on milestones_rewardmovement
    for each statement when (pg_trigger_depth() = 0) execute function milestones_rewards_are_append_only();
create trigger rewards_are_not_emptied after truncate on milestones_rewardmovement
    for each statement execute function milestones_rewards_are_append_only();
"""
NO_GUARD = """
drop trigger rewards_are_not_emptied on milestones_rewardmovement;
drop trigger rewards_are_append_only on milestones_rewardmovement;
drop function milestones_rewards_are_append_only();
alter table milestones_rewardmovement drop constraint reward_of_account, drop constraint reward_of_claim, drop constraint reward_of_redemption;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('milestones', '0040_rewards_and_recognition'),
    ]

    operations = [migrations.RunSQL(GUARD, NO_GUARD)]
