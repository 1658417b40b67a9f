-- What the migrations named here make in an empty database (docs/adr/0022). Made by `make manage ARGS="write_schema"`, never by hand.
-- After a merge in which both sides changed it, make it again.
-- server 18
-- migration accounts 0001_initial
-- migration accounts 0002_customer_story
-- migration accounts 0003_more_kinds_of_imports
-- migration accounts 0004_arr_ledger
-- migration accounts 0005_open_ledger
-- migration accounts 0006_portfolio_order
-- migration accounts 0007_import_pages
-- migration accounts 0008_versions_and_fields
-- migration accounts 0009_activity_by_month
-- migration accounts 0010_exchange_rates
-- migration accounts 0011_search_by_parts
-- migration accounts 0012_renewals
-- migration accounts 0013_identities_and_name_figures
-- migration accounts 0014_names_by_their_beginning
-- migration accounts 0015_parts_of_words_at_once
-- migration accounts 0016_finer_statistics_of_parts
-- migration accounts 0017_no_index_twice
-- migration admin 0001_initial
-- migration admin 0002_logentry_remove_auto_add
-- migration admin 0003_logentry_add_action_flag_choices
-- migration alerts 0001_initial
-- migration alerts 0002_of_the_platform
-- migration alerts 0003_rules_and_incidents
-- migration alerts 0004_lifecycle
-- migration alerts 0005_escalation
-- migration alerts 0006_rules_are_watched
-- migration alerts 0007_no_index_twice
-- migration auth 0001_initial
-- migration auth 0002_alter_permission_name_max_length
-- migration auth 0003_alter_user_email_max_length
-- migration auth 0004_alter_user_username_opts
-- migration auth 0005_alter_user_last_login_null
-- migration auth 0006_require_contenttypes_0002
-- migration auth 0007_alter_validators_add_error_messages
-- migration auth 0008_alter_user_username_max_length
-- migration auth 0009_alter_user_last_name_max_length
-- migration auth 0010_alter_group_name_max_length
-- migration auth 0011_update_proxy_permissions
-- migration auth 0012_alter_user_first_name_max_length
-- migration campaigns 0001_segments_and_campaigns
-- migration campaigns 0010_segments_kept_up
-- migration campaigns 0020_triggers_and_brakes
-- migration campaigns 0030_surveys
-- migration campaigns 0031_outside_touches
-- migration campaigns 0040_results
-- migration campaigns 0041_no_index_twice
-- migration churn 0001_initial
-- migration churn 0002_stake
-- migration churn 0003_marks_alone
-- migration churn 0004_desk
-- migration churn 0005_unpaid_apart
-- migration churn 0006_checksums
-- migration churn 0007_way_back
-- migration churn 0008_no_index_twice
-- migration coaching 0001_profiles_and_tips
-- migration coaching 0020_sessions
-- migration coaching 0021_no_index_twice
-- migration community 0001_privacy_choices
-- migration community 0010_named_consents
-- migration community 0011_moments_and_asks
-- migration community 0012_challenges_and_statements
-- migration community 0020_referrals
-- migration community 0021_no_index_twice
-- migration contenttypes 0001_initial
-- migration contenttypes 0002_remove_content_type_name
-- migration dashboards 0001_saved_view
-- migration dashboards 0002_account_visit
-- migration dashboards 0003_path_draft
-- migration dashboards 0004_dashboards
-- migration dashboards 0005_no_index_twice
-- migration django_celery_beat 0001_initial
-- migration django_celery_beat 0002_auto_20161118_0346
-- migration django_celery_beat 0003_auto_20161209_0049
-- migration django_celery_beat 0004_auto_20170221_0000
-- migration django_celery_beat 0005_add_solarschedule_events_choices
-- migration django_celery_beat 0006_auto_20180210_1226
-- migration django_celery_beat 0006_auto_20180322_0932
-- migration django_celery_beat 0006_periodictask_priority
-- migration django_celery_beat 0007_auto_20180521_0826
-- migration django_celery_beat 0008_auto_20180914_1922
-- migration django_celery_beat 0009_periodictask_headers
-- migration django_celery_beat 0010_auto_20190429_0326
-- migration django_celery_beat 0011_auto_20190508_0153
-- migration django_celery_beat 0012_periodictask_expire_seconds
-- migration django_celery_beat 0013_auto_20200609_0727
-- migration django_celery_beat 0014_remove_clockedschedule_enabled
-- migration django_celery_beat 0015_edit_solarschedule_events_choices
-- migration django_celery_beat 0016_alter_crontabschedule_timezone
-- migration django_celery_beat 0017_alter_crontabschedule_month_of_year
-- migration django_celery_beat 0018_improve_crontab_helptext
-- migration django_celery_beat 0019_alter_periodictasks_options
-- migration events 0001_initial
-- migration events 0002_change
-- migration events 0003_traits_are_forgotten
-- migration events 0004_changes_by_moment
-- migration events 0005_heartbeats
-- migration events 0006_no_index_twice
-- migration experiments 0001_initial
-- migration experiments 0002_no_index_twice
-- migration health 0001_health_models
-- migration health 0002_score_by_value
-- migration health 0003_marks_alone
-- migration health 0004_no_index_twice
-- migration integrations 0001_initial
-- migration integrations 0002_api_keys
-- migration integrations 0003_webhooks
-- migration integrations 0004_webhooks_of_segments
-- migration integrations 0005_no_index_twice
-- migration interventions 0001_initial
-- migration interventions 0002_work_of_people
-- migration interventions 0003_play_versions
-- migration interventions 0004_first_versions
-- migration interventions 0005_versions_only
-- migration interventions 0006_looks_and_judged_windows
-- migration interventions 0007_rehearsals
-- migration interventions 0008_splits
-- migration interventions 0009_decisions_of_steps
-- migration interventions 0010_saves_hold_promotions
-- migration interventions 0011_public_holidays
-- migration interventions 0012_no_index_twice
-- migration messaging 0001_initial
-- migration messaging 0002_channels
-- migration messaging 0003_silence
-- migration messaging 0004_claimed
-- migration messaging 0005_numbers
-- migration messaging 0006_words
-- migration messaging 0007_govern
-- migration messaging 0008_decisions
-- migration messaging 0009_holds_and_series
-- migration messaging 0010_guests
-- migration messaging 0011_no_index_twice
-- migration metrics 0001_figures
-- migration milestones 0001_definitions_and_progress
-- migration milestones 0002_claims_marks_and_pauses
-- migration milestones 0020_difficulty_and_pathways
-- migration milestones 0040_rewards_and_recognition
-- migration milestones 0041_append_only_rewards
-- migration milestones 0042_promised_rewards
-- migration milestones 0043_no_index_twice
-- migration sessions 0001_initial
-- migration waffle 0001_initial
-- migration waffle 0002_auto_20161201_0958
-- migration waffle 0003_update_strings_for_i18n
-- migration waffle 0004_update_everyone_nullbooleanfield

CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public;

CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;

CREATE FUNCTION public.accounts_forget_message_keys() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    if tg_op = 'TRUNCATE' then
        truncate accounts_messagekey;
    else
        delete from accounts_messagekey k using gone where k.key = accounts_message_key(gone.source, gone.message_id);
    end if;
    return null;
end $$;

CREATE FUNCTION public.accounts_ledger_is_append_only() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    if tg_op = 'TRUNCATE' and not exists (select 1 from accounts_account) then
        return null;
    end if;
    raise exception 'the ARR ledger is append-only: reverse the movement and enter it right' using errcode = 'integrity_constraint_violation';
end $$;

CREATE FUNCTION public.accounts_message_key(source text, message_id text) RETURNS uuid
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ select md5(source || chr(31) || message_id)::uuid $$;

CREATE TABLE public.events_change (
    id bigint NOT NULL,
    subject character varying(80) NOT NULL,
    field character varying(180) NOT NULL,
    before jsonb,
    after jsonb,
    version integer,
    actor character varying(120) NOT NULL,
    source character varying(60) NOT NULL,
    batch character varying(80) NOT NULL,
    at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    salt character varying(40) DEFAULT NULL::character varying,
    digest character varying(64) DEFAULT ''::character varying NOT NULL,
    erased_at timestamp with time zone,
    cause_id bigint,
    CONSTRAINT events_change_version_check CHECK ((version >= 0))
);

CREATE FUNCTION public.events_change_digest(c public.events_change) RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $$
    select encode(sha256(convert_to(jsonb_build_array(
        c.subject, c.field, c.before, c.after, c.version, c.actor, c.source, c.batch, c.cause_id,
        extract(epoch from c.at)::text, extract(epoch from c.recorded_at)::text, c.salt)::text, 'UTF8')), 'hex')
$$;

CREATE FUNCTION public.events_change_guard() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    if tg_op = 'INSERT' then
        new.salt := gen_random_uuid()::text;
        new.digest := events_change_digest(new);
        return new;
    elsif tg_op = 'UPDATE' then
        if old.erased_at is null and new.erased_at is not null and new.before is null and new.after is null and new.salt is null
           and new.field in (old.field, 'traits.erased')
           and (new.id, new.subject, new.version, new.actor, new.source, new.batch, new.cause_id, new.at, new.recorded_at, new.digest)
               is not distinct from
               (old.id, old.subject, old.version, old.actor, old.source, old.batch, old.cause_id, old.at, old.recorded_at, old.digest) then
            return new;
        end if;
    elsif tg_op = 'TRUNCATE' and current_setting('cs.truncate', true) = 'on' then
        return null;
    end if;
    raise exception 'The history is only ever added to.' using errcode = 'integrity_constraint_violation';
end $$;

CREATE FUNCTION public.events_seal_guard() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    if tg_op = 'TRUNCATE' and current_setting('cs.truncate', true) = 'on' then
        return null;
    end if;
    raise exception 'Seals are only ever added to.' using errcode = 'integrity_constraint_violation';
end $$;

CREATE FUNCTION public.metrics_take_out() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    insert into metrics_tally as t (measure, dimension, value, owner_id, currency, amount)
    select split_part(h.key, ' ', 1), d.dimension, d.value, old.owner_id, split_part(h.key, ' ', 2), -h.value::numeric
    from (select '' as dimension, '' as value union all select c.key, c.value from jsonb_each_text(old.cells) c) d
    cross join jsonb_each_text(old.holds) h order by 1, 2, 3, 4, 5
    on conflict (measure, dimension, value, owner_id, currency) do update set amount = t.amount + excluded.amount;
    return null;
end $$;

CREATE FUNCTION public.milestones_rewards_are_append_only() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    if tg_op = 'TRUNCATE' and not exists (select 1 from accounts_account) then
        return null;
    end if;
    raise exception 'the reward ledger is append-only: take the movement back with another' using errcode = 'integrity_constraint_violation';
end $$;

CREATE TABLE public.accounts_account (
    id bigint NOT NULL,
    external_id character varying(120) NOT NULL,
    name character varying(200) NOT NULL,
    domain character varying(120) NOT NULL,
    plan character varying(80) NOT NULL,
    stage character varying(12) NOT NULL,
    time_zone character varying(60) NOT NULL,
    currency character varying(3) NOT NULL,
    arr numeric(14,2) NOT NULL,
    seats integer,
    started_on date,
    renews_on date,
    churned_on date,
    traits jsonb NOT NULL,
    synthetic boolean NOT NULL,
    created_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    owner_id bigint,
    domains character varying(120)[] DEFAULT '{}'::character varying[] NOT NULL,
    locale character varying(12) DEFAULT ''::character varying NOT NULL,
    parent_id bigint,
    seats_used integer,
    segment character varying(60) DEFAULT ''::character varying NOT NULL,
    tags character varying(60)[] DEFAULT '{}'::character varying[] NOT NULL,
    tier character varying(40) DEFAULT ''::character varying NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT accounts_account_seats_check CHECK ((seats >= 0)),
    CONSTRAINT accounts_account_seats_used_check CHECK ((seats_used >= 0)),
    CONSTRAINT accounts_account_version_check CHECK ((version >= 0)),
    CONSTRAINT arr_not_negative CHECK ((arr >= (0)::numeric)),
    CONSTRAINT churned_on_needs_stage CHECK (((churned_on IS NULL) OR ((stage)::text = 'churned'::text))),
    CONSTRAINT not_its_own_parent CHECK (((parent_id IS NULL) OR (NOT ((parent_id = id) AND (parent_id IS NOT NULL)))))
);

ALTER TABLE public.accounts_account ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_account_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.accounts_accountrole (
    id bigint NOT NULL,
    role character varying(12) NOT NULL,
    account_id bigint NOT NULL,
    user_id bigint NOT NULL
);

ALTER TABLE public.accounts_accountrole ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_accountrole_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.accounts_activityevent (
    id bigint CONSTRAINT accounts_activityevent_id_not_null1 NOT NULL,
    account_id bigint CONSTRAINT accounts_activityevent_account_id_not_null1 NOT NULL,
    contact_id bigint,
    source character varying(60) CONSTRAINT accounts_activityevent_source_not_null1 NOT NULL,
    message_id character varying(100) CONSTRAINT accounts_activityevent_message_id_not_null1 NOT NULL,
    name character varying(160) CONSTRAINT accounts_activityevent_name_not_null1 NOT NULL,
    at timestamp with time zone CONSTRAINT accounts_activityevent_at_not_null1 NOT NULL,
    received_at timestamp with time zone CONSTRAINT accounts_activityevent_received_at_not_null1 NOT NULL,
    value double precision CONSTRAINT accounts_activityevent_value_not_null1 NOT NULL,
    properties jsonb,
    import_run_id bigint
)
PARTITION BY RANGE (at);

CREATE SEQUENCE public.accounts_activityevent_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.accounts_activityevent_id_seq OWNED BY public.accounts_activityevent.id;

CREATE TABLE public.accounts_activityevent_default (
    id bigint DEFAULT nextval('public.accounts_activityevent_id_seq'::regclass) CONSTRAINT accounts_activityevent_id_not_null1 NOT NULL,
    account_id bigint CONSTRAINT accounts_activityevent_account_id_not_null1 NOT NULL,
    contact_id bigint,
    source character varying(60) CONSTRAINT accounts_activityevent_source_not_null1 NOT NULL,
    message_id character varying(100) CONSTRAINT accounts_activityevent_message_id_not_null1 NOT NULL,
    name character varying(160) CONSTRAINT accounts_activityevent_name_not_null1 NOT NULL,
    at timestamp with time zone CONSTRAINT accounts_activityevent_at_not_null1 NOT NULL,
    received_at timestamp with time zone CONSTRAINT accounts_activityevent_received_at_not_null1 NOT NULL,
    value double precision CONSTRAINT accounts_activityevent_value_not_null1 NOT NULL,
    properties jsonb,
    import_run_id bigint
);

CREATE TABLE public.accounts_arrmovement (
    id bigint NOT NULL,
    kind character varying(12) NOT NULL,
    amount numeric(14,2) NOT NULL,
    currency character varying(3) NOT NULL,
    effective_on date NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    reason character varying(250) DEFAULT ''::character varying NOT NULL,
    source character varying(60) NOT NULL,
    actor character varying(120) NOT NULL,
    idem_key character varying(160) NOT NULL,
    account_id bigint NOT NULL,
    reverses_id bigint,
    subscription_id bigint,
    CONSTRAINT movement_moves CHECK ((NOT (amount = (0)::numeric))),
    CONSTRAINT movement_sign_fits_kind CHECK (((reverses_id IS NOT NULL) OR ((amount > (0)::numeric) AND ((kind)::text = ANY (ARRAY[('new'::character varying)::text, ('expansion'::character varying)::text, ('reactivation'::character varying)::text]))) OR ((amount < (0)::numeric) AND ((kind)::text = ANY (ARRAY[('contraction'::character varying)::text, ('churn'::character varying)::text])))))
);

ALTER TABLE public.accounts_arrmovement ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_arrmovement_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.accounts_contact (
    id bigint NOT NULL,
    external_id character varying(120) NOT NULL,
    name character varying(160) NOT NULL,
    email character varying(254) NOT NULL,
    role character varying(12) NOT NULL,
    time_zone character varying(60) NOT NULL,
    locale character varying(12) NOT NULL,
    departed_on date,
    traits jsonb NOT NULL,
    account_id bigint NOT NULL,
    influence smallint,
    last_two_way_at timestamp with time zone,
    phone character varying(40) DEFAULT ''::character varying NOT NULL,
    reports_to_id bigint,
    title character varying(120) DEFAULT ''::character varying NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT accounts_contact_influence_check CHECK ((influence >= 0)),
    CONSTRAINT accounts_contact_version_check CHECK ((version >= 0)),
    CONSTRAINT influence_one_to_five CHECK (((influence IS NULL) OR ((influence >= 1) AND (influence <= 5)))),
    CONSTRAINT reports_to_somebody_else CHECK (((reports_to_id IS NULL) OR (NOT ((reports_to_id = id) AND (reports_to_id IS NOT NULL)))))
);

ALTER TABLE public.accounts_contact ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_contact_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.accounts_dailyrollup (
    id bigint NOT NULL,
    day date NOT NULL,
    name character varying(160) NOT NULL,
    count integer NOT NULL,
    value numeric NOT NULL,
    account_id bigint NOT NULL,
    CONSTRAINT accounts_dailyrollup_count_check CHECK ((count >= 0))
);

ALTER TABLE public.accounts_dailyrollup ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_dailyrollup_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.accounts_eventname (
    name character varying(160) NOT NULL,
    meaning character varying(12) NOT NULL,
    first_seen_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    accounts_28 integer DEFAULT 0 NOT NULL,
    events_28 bigint DEFAULT 0 NOT NULL,
    last_seen_on date,
    CONSTRAINT accounts_eventname_accounts_28_check CHECK ((accounts_28 >= 0)),
    CONSTRAINT accounts_eventname_events_28_check CHECK ((events_28 >= 0))
);

CREATE TABLE public.accounts_exchangerate (
    id bigint NOT NULL,
    currency character varying(3) NOT NULL,
    "into" character varying(3) NOT NULL,
    valid_from date NOT NULL,
    rate numeric(20,10) NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    source character varying(60) DEFAULT ''::character varying NOT NULL,
    actor character varying(120) NOT NULL,
    CONSTRAINT rate_above_zero CHECK ((rate > (0)::numeric)),
    CONSTRAINT rate_between_two_currencies CHECK ((NOT ((currency)::text = ("into")::text)))
);

ALTER TABLE public.accounts_exchangerate ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_exchangerate_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.accounts_field (
    name character varying(180) NOT NULL,
    kind character varying(8) NOT NULL,
    truth character varying(60) DEFAULT ''::character varying NOT NULL,
    words character varying(250) DEFAULT ''::character varying NOT NULL,
    first_source character varying(60) DEFAULT ''::character varying NOT NULL,
    first_seen_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL
);

CREATE TABLE public.accounts_identity (
    id bigint NOT NULL,
    external_id character varying(120) NOT NULL,
    moved jsonb NOT NULL,
    source character varying(60) NOT NULL,
    at timestamp with time zone NOT NULL,
    undone_at timestamp with time zone,
    contact_id bigint NOT NULL,
    merged_id bigint,
    CONSTRAINT merged_with_somebody_else CHECK (((merged_id IS NULL) OR (NOT ((merged_id = contact_id) AND (merged_id IS NOT NULL)))))
);

ALTER TABLE public.accounts_identity ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_identity_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.accounts_importmapping (
    id bigint NOT NULL,
    kind character varying(20) NOT NULL,
    signature character varying(64) NOT NULL,
    options jsonb NOT NULL,
    used_at timestamp with time zone NOT NULL
);

ALTER TABLE public.accounts_importmapping ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_importmapping_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.accounts_importproblem (
    id bigint NOT NULL,
    "row" bigint,
    "column" character varying(160) NOT NULL,
    problem text NOT NULL,
    raw text NOT NULL,
    run_id bigint NOT NULL,
    CONSTRAINT accounts_importproblem_row_check CHECK (("row" >= 0))
);

ALTER TABLE public.accounts_importproblem ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_importproblem_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.accounts_importrun (
    id bigint NOT NULL,
    kind character varying(20) NOT NULL,
    file_name character varying(255) NOT NULL,
    sha256 character varying(64) NOT NULL,
    state character varying(12) NOT NULL,
    options jsonb NOT NULL,
    actor character varying(120) NOT NULL,
    rows_read bigint NOT NULL,
    rows_created bigint NOT NULL,
    rows_changed bigint NOT NULL,
    rows_same bigint NOT NULL,
    rows_refused bigint NOT NULL,
    slices_done integer NOT NULL,
    started_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    upload character varying(200) DEFAULT ''::character varying NOT NULL,
    told jsonb,
    CONSTRAINT accounts_importrun_rows_changed_check CHECK ((rows_changed >= 0)),
    CONSTRAINT accounts_importrun_rows_created_check CHECK ((rows_created >= 0)),
    CONSTRAINT accounts_importrun_rows_read_check CHECK ((rows_read >= 0)),
    CONSTRAINT accounts_importrun_rows_refused_check CHECK ((rows_refused >= 0)),
    CONSTRAINT accounts_importrun_rows_same_check CHECK ((rows_same >= 0)),
    CONSTRAINT accounts_importrun_slices_done_check CHECK ((slices_done >= 0))
);

ALTER TABLE public.accounts_importrun ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_importrun_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.accounts_invoice (
    id bigint NOT NULL,
    external_id character varying(120) NOT NULL,
    number character varying(60) NOT NULL,
    state character varying(8) NOT NULL,
    amount numeric(14,2) NOT NULL,
    currency character varying(3) NOT NULL,
    issued_on date NOT NULL,
    due_on date NOT NULL,
    paid_on date,
    account_id bigint NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT accounts_invoice_version_check CHECK ((version >= 0)),
    CONSTRAINT invoice_not_negative CHECK ((amount >= (0)::numeric)),
    CONSTRAINT paid_has_a_day CHECK (((NOT ((state)::text = 'paid'::text)) OR (paid_on IS NOT NULL)))
);

ALTER TABLE public.accounts_invoice ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_invoice_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.accounts_messagekey (
    key uuid NOT NULL
);

CREATE TABLE public.accounts_note (
    id bigint NOT NULL,
    kind character varying(8) NOT NULL,
    body text NOT NULL,
    minutes smallint,
    at timestamp with time zone NOT NULL,
    created_at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    author_id bigint,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT accounts_note_minutes_check CHECK ((minutes >= 0)),
    CONSTRAINT accounts_note_version_check CHECK ((version >= 0))
);

CREATE TABLE public.accounts_note_contacts (
    id bigint NOT NULL,
    note_id bigint NOT NULL,
    contact_id bigint NOT NULL
);

ALTER TABLE public.accounts_note_contacts ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_note_contacts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.accounts_note ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_note_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.accounts_promise (
    id bigint NOT NULL,
    text character varying(250) NOT NULL,
    by_customer boolean NOT NULL,
    due_on date NOT NULL,
    state character varying(8) NOT NULL,
    settled_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    note_id bigint,
    owner_id bigint,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT accounts_promise_version_check CHECK ((version >= 0)),
    CONSTRAINT settled_promise_has_a_time CHECK ((((state)::text = 'open'::text) OR (settled_at IS NOT NULL)))
);

ALTER TABLE public.accounts_promise ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_promise_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.accounts_pulse (
    id bigint NOT NULL,
    value smallint NOT NULL,
    reason character varying(300) NOT NULL,
    at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    author_id bigint,
    CONSTRAINT accounts_pulse_value_check CHECK ((value >= 0)),
    CONSTRAINT pulse_zero_to_hundred CHECK (((value >= 0) AND (value <= 100)))
);

ALTER TABLE public.accounts_pulse ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_pulse_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.accounts_renewal (
    id bigint NOT NULL,
    due_on date NOT NULL,
    arr numeric(14,2) NOT NULL,
    currency character varying(3) NOT NULL,
    booking_type character varying(10) NOT NULL,
    state character varying(10) NOT NULL,
    outcome_arr numeric(14,2),
    decided_on date,
    decided_by character varying(120) DEFAULT ''::character varying NOT NULL,
    account_id bigint NOT NULL,
    subscription_id bigint,
    CONSTRAINT decided_renewal_has_an_outcome CHECK ((((decided_on IS NULL) AND (outcome_arr IS NULL) AND ((state)::text = 'open'::text)) OR ((NOT ((state)::text = 'open'::text)) AND (decided_on IS NOT NULL) AND (outcome_arr >= (0)::numeric)))),
    CONSTRAINT renewal_stake_not_negative CHECK ((arr >= (0)::numeric))
);

ALTER TABLE public.accounts_renewal ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_renewal_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.accounts_renewalcall (
    id bigint NOT NULL,
    by character varying(5) NOT NULL,
    checkpoint smallint NOT NULL,
    call character varying(8) NOT NULL,
    probability double precision NOT NULL,
    at timestamp with time zone NOT NULL,
    source character varying(80) DEFAULT ''::character varying NOT NULL,
    withdrawn_at timestamp with time zone,
    author_id bigint,
    renewal_id bigint NOT NULL,
    CONSTRAINT accounts_renewalcall_checkpoint_check CHECK ((checkpoint >= 0)),
    CONSTRAINT renewal_call_at_a_checkpoint CHECK ((checkpoint = ANY (ARRAY[180, 90, 30]))),
    CONSTRAINT renewal_call_is_a_probability CHECK (((probability >= (0.0)::double precision) AND (probability <= (1.0)::double precision)))
);

ALTER TABLE public.accounts_renewalcall ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_renewalcall_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.accounts_subscription (
    id bigint NOT NULL,
    external_id character varying(120) NOT NULL,
    plan character varying(80) NOT NULL,
    state character varying(10) NOT NULL,
    started_on date NOT NULL,
    renews_on date,
    ended_on date,
    seats integer,
    currency character varying(3) NOT NULL,
    arr numeric(14,2) NOT NULL,
    account_id bigint NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT accounts_subscription_seats_check CHECK ((seats >= 0)),
    CONSTRAINT accounts_subscription_version_check CHECK ((version >= 0)),
    CONSTRAINT subscription_arr_not_negative CHECK ((arr >= (0)::numeric)),
    CONSTRAINT subscription_ends_after_start CHECK (((ended_on IS NULL) OR (ended_on >= started_on)))
);

ALTER TABLE public.accounts_subscription ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_subscription_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.accounts_surveyresponse (
    id bigint NOT NULL,
    source character varying(60) NOT NULL,
    external_id character varying(120) NOT NULL,
    kind character varying(4) NOT NULL,
    score smallint NOT NULL,
    comment text NOT NULL,
    topic character varying(80) NOT NULL,
    language character varying(12) NOT NULL,
    at timestamp with time zone NOT NULL,
    loop_closed_at timestamp with time zone,
    account_id bigint NOT NULL,
    contact_id bigint,
    loop_closed_by_id bigint,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT accounts_surveyresponse_score_check CHECK ((score >= 0)),
    CONSTRAINT accounts_surveyresponse_version_check CHECK ((version >= 0)),
    CONSTRAINT score_on_its_scale CHECK (((((kind)::text = 'nps'::text) AND ((score >= 0) AND (score <= 10))) OR (((kind)::text = 'csat'::text) AND ((score >= 1) AND (score <= 5))) OR (((kind)::text = 'ces'::text) AND ((score >= 1) AND (score <= 7)))))
);

ALTER TABLE public.accounts_surveyresponse ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_surveyresponse_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.accounts_team (
    id bigint NOT NULL,
    name character varying(80) NOT NULL
);

ALTER TABLE public.accounts_team ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_team_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.accounts_ticket (
    id bigint NOT NULL,
    source character varying(60) NOT NULL,
    external_id character varying(120) NOT NULL,
    subject character varying(250) NOT NULL,
    priority character varying(2) NOT NULL,
    state character varying(8) NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    answered_at timestamp with time zone,
    solved_at timestamp with time zone,
    due_at timestamp with time zone,
    account_id bigint NOT NULL,
    contact_id bigint,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT accounts_ticket_version_check CHECK ((version >= 0)),
    CONSTRAINT solved_after_opened CHECK (((solved_at IS NULL) OR (solved_at >= opened_at))),
    CONSTRAINT solved_ticket_has_a_time CHECK (((NOT ((state)::text = 'solved'::text)) OR (solved_at IS NOT NULL)))
);

ALTER TABLE public.accounts_ticket ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_ticket_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.accounts_user (
    id bigint NOT NULL,
    password character varying(128) NOT NULL,
    last_login timestamp with time zone,
    is_superuser boolean NOT NULL,
    email character varying(254) NOT NULL,
    full_name character varying(120) NOT NULL,
    time_zone character varying(60) NOT NULL,
    is_staff boolean NOT NULL,
    is_active boolean NOT NULL,
    last_visit_at timestamp with time zone,
    team_id bigint
);

CREATE TABLE public.accounts_user_groups (
    id bigint NOT NULL,
    user_id bigint NOT NULL,
    group_id integer NOT NULL
);

ALTER TABLE public.accounts_user_groups ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_user_groups_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.accounts_user ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_user_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.accounts_user_user_permissions (
    id bigint NOT NULL,
    user_id bigint NOT NULL,
    permission_id integer NOT NULL
);

ALTER TABLE public.accounts_user_user_permissions ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_user_user_permissions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.alerts_alert (
    id bigint NOT NULL,
    kind character varying(40) NOT NULL,
    severity character varying(10) NOT NULL,
    title character varying(200) NOT NULL,
    why jsonb NOT NULL,
    dedup_key character varying(160) NOT NULL,
    state character varying(14) NOT NULL,
    seen integer NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    last_seen_at timestamp with time zone NOT NULL,
    acknowledged_at timestamp with time zone,
    acknowledged_by character varying(120) NOT NULL,
    resolved_at timestamp with time zone,
    resolved_by character varying(120) NOT NULL,
    account_id bigint,
    cause_id bigint,
    by_itself boolean NOT NULL,
    facts jsonb NOT NULL,
    owner_id bigint,
    snooze_reason character varying(250) NOT NULL,
    snoozed_until timestamp with time zone,
    useful boolean,
    useful_at timestamp with time zone,
    useful_by_id bigint,
    rule_id bigint,
    incident_id bigint,
    version_id bigint,
    acted_at timestamp with time zone,
    CONSTRAINT alerts_alert_seen_check CHECK ((seen >= 0)),
    CONSTRAINT snoozed_alert_wakes CHECK (((NOT ((state)::text = 'snoozed'::text)) OR (snoozed_until IS NOT NULL)))
);

ALTER TABLE public.alerts_alert ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.alerts_alert_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.alerts_alertmoment (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    deed character varying(14) NOT NULL,
    actor character varying(120) NOT NULL,
    words character varying(2000) NOT NULL,
    alert_id bigint NOT NULL,
    enrolment_id bigint,
    task_id bigint,
    user_id bigint
);

ALTER TABLE public.alerts_alertmoment ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.alerts_alertmoment_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.alerts_alertrule (
    id bigint NOT NULL,
    key character varying(60) NOT NULL,
    name character varying(120) NOT NULL,
    why character varying(250) NOT NULL,
    kind character varying(12) NOT NULL,
    state character varying(8) NOT NULL,
    severity character varying(10) NOT NULL,
    digest boolean NOT NULL,
    created_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    current_id bigint,
    live_at timestamp with time zone,
    score double precision,
    tuned_at timestamp with time zone,
    CONSTRAINT live_rule_says_something CHECK (((NOT ((state)::text = 'live'::text)) OR ((kind)::text = 'notice'::text) OR (current_id IS NOT NULL)))
);

ALTER TABLE public.alerts_alertrule ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.alerts_alertrule_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.alerts_alertsubscription (
    id bigint NOT NULL,
    severity character varying(10) NOT NULL,
    whose character varying(6) NOT NULL,
    email character varying(8) NOT NULL,
    push character varying(8) NOT NULL,
    sms character varying(8) NOT NULL,
    chat character varying(8) NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    rule_id bigint,
    user_id bigint NOT NULL,
    CONSTRAINT subscription_of_one_thing CHECK ((((rule_id IS NULL) OR ((severity)::text = ''::text)) AND (1 = (
CASE
    WHEN (rule_id IS NULL) THEN 1
    ELSE 0
END +
CASE
    WHEN ((severity)::text = ''::text) THEN 1
    ELSE 0
END))))
);

ALTER TABLE public.alerts_alertsubscription ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.alerts_alertsubscription_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.alerts_climb (
    id bigint NOT NULL,
    steps jsonb NOT NULL,
    repeat smallint NOT NULL,
    large boolean NOT NULL,
    state character varying(14) NOT NULL,
    started_at timestamp with time zone NOT NULL,
    paused_at timestamp with time zone,
    ended_at timestamp with time zone,
    ended_by character varying(120) NOT NULL,
    alert_id bigint NOT NULL,
    cause_id bigint,
    head_id bigint,
    policy_id bigint NOT NULL,
    CONSTRAINT alerts_climb_repeat_check CHECK ((repeat >= 0)),
    CONSTRAINT ended_climb_has_a_time CHECK ((((state)::text = ANY (ARRAY[('running'::character varying)::text, ('paused'::character varying)::text])) OR (ended_at IS NOT NULL))),
    CONSTRAINT paused_climb_has_a_time CHECK (((NOT ((state)::text = 'paused'::text)) OR (paused_at IS NOT NULL)))
);

ALTER TABLE public.alerts_climb ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.alerts_climb_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.alerts_climbstep (
    id bigint NOT NULL,
    "position" smallint NOT NULL,
    kind character varying(8) NOT NULL,
    due_at timestamp with time zone NOT NULL,
    done_at timestamp with time zone,
    what character varying(250) NOT NULL,
    climb_id bigint NOT NULL,
    holder_id bigint,
    CONSTRAINT alerts_climbstep_position_check CHECK (("position" >= 0))
);

ALTER TABLE public.alerts_climbstep ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.alerts_climbstep_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.alerts_climbstep_people (
    id bigint NOT NULL,
    climbstep_id bigint NOT NULL,
    user_id bigint NOT NULL
);

ALTER TABLE public.alerts_climbstep_people ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.alerts_climbstep_people_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.alerts_dutymember (
    id bigint NOT NULL,
    "position" smallint NOT NULL,
    user_id bigint NOT NULL,
    rota_id bigint NOT NULL,
    CONSTRAINT alerts_dutymember_position_check CHECK (("position" >= 0))
);

ALTER TABLE public.alerts_dutymember ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.alerts_dutymember_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.alerts_dutyoverride (
    id bigint NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    why character varying(120) NOT NULL,
    written_at timestamp with time zone NOT NULL,
    written_by character varying(120) NOT NULL,
    user_id bigint NOT NULL,
    rota_id bigint NOT NULL,
    CONSTRAINT override_has_a_length CHECK ((starts_at < ends_at))
);

ALTER TABLE public.alerts_dutyoverride ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.alerts_dutyoverride_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.alerts_dutyrota (
    id bigint NOT NULL,
    key character varying(60) NOT NULL,
    name character varying(80) NOT NULL,
    zone character varying(60) NOT NULL,
    starts_on date NOT NULL,
    handover_at time without time zone NOT NULL,
    turn_days smallint NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    team_id bigint,
    CONSTRAINT alerts_dutyrota_turn_days_check CHECK ((turn_days >= 0)),
    CONSTRAINT turn_is_a_day_to_four_weeks CHECK (((turn_days >= 1) AND (turn_days <= 28)))
);

ALTER TABLE public.alerts_dutyrota ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.alerts_dutyrota_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.alerts_escalationpolicy (
    id bigint NOT NULL,
    key character varying(60) NOT NULL,
    name character varying(120) NOT NULL,
    why character varying(250) NOT NULL,
    steps jsonb NOT NULL,
    repeat smallint NOT NULL,
    least_severity character varying(10) NOT NULL,
    large_arr numeric(14,2) NOT NULL,
    is_default boolean NOT NULL,
    is_active boolean NOT NULL,
    version integer NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    changed_by character varying(120) NOT NULL,
    head_id bigint,
    CONSTRAINT alerts_escalationpolicy_repeat_check CHECK ((repeat >= 0)),
    CONSTRAINT alerts_escalationpolicy_version_check CHECK ((version >= 0)),
    CONSTRAINT policy_repeats_at_most_twice CHECK ((repeat <= 2)),
    CONSTRAINT usual_policy_is_active CHECK (((NOT is_default) OR is_active))
);

ALTER TABLE public.alerts_escalationpolicy ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.alerts_escalationpolicy_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.alerts_incident (
    id bigint NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    account_id bigint NOT NULL
);

ALTER TABLE public.alerts_incident ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.alerts_incident_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.alerts_notice (
    id bigint NOT NULL,
    key character varying(120) NOT NULL,
    words character varying(250) NOT NULL,
    urgent boolean NOT NULL,
    in_app boolean NOT NULL,
    at timestamp with time zone NOT NULL,
    read_at timestamp with time zone,
    alert_id bigint NOT NULL,
    user_id bigint,
    outside_id bigint,
    CONSTRAINT notice_is_to_one CHECK ((((user_id IS NOT NULL) OR (outside_id IS NOT NULL)) AND (1 = (
CASE
    WHEN (user_id IS NOT NULL) THEN 1
    ELSE 0
END +
CASE
    WHEN (outside_id IS NOT NULL) THEN 1
    ELSE 0
END))))
);

ALTER TABLE public.alerts_notice ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.alerts_notice_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.alerts_noticeroad (
    id bigint NOT NULL,
    road character varying(8) NOT NULL,
    is_on boolean NOT NULL,
    pace character varying(8) NOT NULL,
    urgent_only boolean NOT NULL,
    number character varying(20) NOT NULL,
    user_id bigint NOT NULL,
    CONSTRAINT sms_has_a_number CHECK (((NOT ((road)::text = 'sms'::text)) OR (NOT is_on) OR (NOT ((number)::text = ''::text))))
);

ALTER TABLE public.alerts_noticeroad ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.alerts_noticeroad_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.alerts_noticesending (
    id bigint NOT NULL,
    road character varying(8) NOT NULL,
    state character varying(8) NOT NULL,
    gathered boolean NOT NULL,
    due_at timestamp with time zone NOT NULL,
    attempt smallint NOT NULL,
    lease_until timestamp with time zone,
    done_at timestamp with time zone,
    answer character varying(250) NOT NULL,
    notice_id bigint NOT NULL,
    CONSTRAINT alerts_noticesending_attempt_check CHECK ((attempt >= 0)),
    CONSTRAINT notice_being_sent_has_a_lease CHECK (((NOT ((state)::text = 'sending'::text)) OR (lease_until IS NOT NULL)))
);

ALTER TABLE public.alerts_noticesending ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.alerts_noticesending_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.alerts_outsidechannel (
    id bigint NOT NULL,
    key character varying(60) NOT NULL,
    name character varying(80) NOT NULL,
    kind character varying(10) NOT NULL,
    sealed text NOT NULL,
    shown character varying(120) NOT NULL,
    is_active boolean NOT NULL,
    failures integer NOT NULL,
    last_error character varying(250) NOT NULL,
    last_sent_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    created_by character varying(120) NOT NULL,
    CONSTRAINT alerts_outsidechannel_failures_check CHECK ((failures >= 0))
);

ALTER TABLE public.alerts_outsidechannel ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.alerts_outsidechannel_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.alerts_policyofrule (
    id bigint NOT NULL,
    policy_id bigint NOT NULL,
    rule_id bigint NOT NULL
);

ALTER TABLE public.alerts_policyofrule ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.alerts_policyofrule_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.alerts_response (
    id bigint NOT NULL,
    deed character varying(8) NOT NULL,
    says jsonb NOT NULL,
    mode character varying(5) NOT NULL,
    per_hour smallint NOT NULL,
    per_day smallint NOT NULL,
    version integer NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    changed_by character varying(120) NOT NULL,
    rule_id bigint NOT NULL,
    CONSTRAINT alerts_response_per_day_check CHECK ((per_day >= 0)),
    CONSTRAINT alerts_response_per_hour_check CHECK ((per_hour >= 0)),
    CONSTRAINT alerts_response_version_check CHECK ((version >= 0)),
    CONSTRAINT response_limits_let_one_through CHECK (((per_hour >= 1) AND (per_day >= 1))),
    CONSTRAINT response_limits_limit CHECK (((per_hour <= 1000) AND (per_day <= 10000)))
);

ALTER TABLE public.alerts_response ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.alerts_response_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.alerts_responserun (
    id bigint NOT NULL,
    deed character varying(8) NOT NULL,
    says jsonb NOT NULL,
    state character varying(8) NOT NULL,
    what character varying(250) NOT NULL,
    made jsonb NOT NULL,
    at timestamp with time zone NOT NULL,
    done_at timestamp with time zone,
    decided_at timestamp with time zone,
    alert_id bigint NOT NULL,
    decided_by_id bigint,
    response_id bigint NOT NULL,
    CONSTRAINT done_answer_has_a_time CHECK (((NOT ((state)::text = ANY (ARRAY[('done'::character varying)::text, ('undone'::character varying)::text]))) OR (done_at IS NOT NULL)))
);

ALTER TABLE public.alerts_responserun ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.alerts_responserun_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.alerts_ruleday (
    id bigint NOT NULL,
    day date NOT NULL,
    claimed_at timestamp with time zone,
    judged_at timestamp with time zone,
    told_at timestamp with time zone,
    looked integer NOT NULL,
    missing integer NOT NULL,
    began integer NOT NULL,
    together boolean NOT NULL,
    rule_id bigint NOT NULL,
    CONSTRAINT alerts_ruleday_began_check CHECK ((began >= 0)),
    CONSTRAINT alerts_ruleday_looked_check CHECK ((looked >= 0)),
    CONSTRAINT alerts_ruleday_missing_check CHECK ((missing >= 0))
);

ALTER TABLE public.alerts_ruleday ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.alerts_ruleday_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.alerts_ruletold (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    digest boolean NOT NULL,
    by_itself boolean NOT NULL,
    "right" integer,
    judged integer,
    actor character varying(120) NOT NULL,
    rule_id bigint NOT NULL,
    CONSTRAINT alerts_ruletold_judged_check CHECK ((judged >= 0)),
    CONSTRAINT alerts_ruletold_right_check CHECK (("right" >= 0))
);

ALTER TABLE public.alerts_ruletold ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.alerts_ruletold_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.alerts_ruletrial (
    id bigint NOT NULL,
    says jsonb NOT NULL,
    state character varying(8) NOT NULL,
    asked_by character varying(120) NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    first date NOT NULL,
    last date NOT NULL,
    done integer NOT NULL,
    total integer NOT NULL,
    attempts smallint NOT NULL,
    stop_asked boolean NOT NULL,
    beat_at timestamp with time zone,
    ended_at timestamp with time zone,
    result jsonb NOT NULL,
    error character varying(250) NOT NULL,
    rule_id bigint,
    CONSTRAINT alerts_ruletrial_attempts_check CHECK ((attempts >= 0)),
    CONSTRAINT alerts_ruletrial_done_check CHECK ((done >= 0)),
    CONSTRAINT alerts_ruletrial_total_check CHECK ((total >= 0)),
    CONSTRAINT trial_has_days CHECK ((first <= last))
);

ALTER TABLE public.alerts_ruletrial ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.alerts_ruletrial_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.alerts_ruleversion (
    id bigint NOT NULL,
    number integer NOT NULL,
    says jsonb NOT NULL,
    note character varying(250) NOT NULL,
    written_at timestamp with time zone NOT NULL,
    rule_id bigint NOT NULL,
    written_by_id bigint,
    CONSTRAINT alerts_ruleversion_number_check CHECK ((number >= 0))
);

ALTER TABLE public.alerts_ruleversion ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.alerts_ruleversion_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.alerts_staffbrowser (
    id bigint NOT NULL,
    endpoint character varying(500) NOT NULL,
    p256dh character varying(120) NOT NULL,
    auth character varying(60) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    user_id bigint NOT NULL
);

ALTER TABLE public.alerts_staffbrowser ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.alerts_staffbrowser_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.alerts_watched (
    id bigint NOT NULL,
    day date NOT NULL,
    since date,
    wait smallint NOT NULL,
    calm smallint NOT NULL,
    began_on date,
    pattern jsonb,
    far double precision NOT NULL,
    facts jsonb NOT NULL,
    untold boolean NOT NULL,
    early character varying(6) NOT NULL,
    early_on date,
    account_id bigint,
    rule_id bigint NOT NULL,
    CONSTRAINT alerts_watched_calm_check CHECK ((calm >= 0)),
    CONSTRAINT alerts_watched_wait_check CHECK ((wait >= 0))
);

ALTER TABLE public.alerts_watched ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.alerts_watched_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.alerts_watchmark (
    account_id bigint NOT NULL,
    since timestamp with time zone NOT NULL
);

CREATE TABLE public.auth_group (
    id integer NOT NULL,
    name character varying(150) NOT NULL
);

ALTER TABLE public.auth_group ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_group_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.auth_group_permissions (
    id bigint NOT NULL,
    group_id integer NOT NULL,
    permission_id integer NOT NULL
);

ALTER TABLE public.auth_group_permissions ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_group_permissions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.auth_permission (
    id integer NOT NULL,
    name character varying(255) NOT NULL,
    content_type_id integer NOT NULL,
    codename character varying(100) NOT NULL
);

ALTER TABLE public.auth_permission ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_permission_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.campaigns_campaign (
    id bigint NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    key character varying(40) NOT NULL,
    name character varying(120) NOT NULL,
    why character varying(250) NOT NULL,
    kind character varying(8) NOT NULL,
    state character varying(8) NOT NULL,
    state_why character varying(250) NOT NULL,
    next_at timestamp with time zone,
    launched_at timestamp with time zone,
    current_id bigint,
    segment_id bigint,
    judged_from timestamp with time zone,
    slowed_at timestamp with time zone,
    starts_on character varying(60) DEFAULT ''::character varying NOT NULL,
    CONSTRAINT campaigns_campaign_version_check CHECK ((version >= 0)),
    CONSTRAINT running_campaign_says_something CHECK ((((state)::text = ANY (ARRAY[('draft'::character varying)::text, ('archived'::character varying)::text])) OR (current_id IS NOT NULL)))
);

ALTER TABLE public.campaigns_campaign ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.campaigns_campaign_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.campaigns_campaignversion (
    id bigint NOT NULL,
    number integer NOT NULL,
    definition jsonb NOT NULL,
    note character varying(250) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    created_by character varying(120) NOT NULL,
    campaign_id bigint NOT NULL,
    CONSTRAINT campaigns_campaignversion_number_check CHECK ((number >= 0))
);

ALTER TABLE public.campaigns_campaignversion ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.campaigns_campaignversion_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.campaigns_frozenreadout (
    id bigint NOT NULL,
    "on" date NOT NULL,
    as_of timestamp with time zone NOT NULL,
    verdict character varying(14) NOT NULL,
    words character varying(500) NOT NULL,
    figures jsonb NOT NULL,
    campaign_id bigint NOT NULL
);

ALTER TABLE public.campaigns_frozenreadout ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.campaigns_frozenreadout_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.campaigns_goalreached (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    occurrence_id bigint NOT NULL
);

ALTER TABLE public.campaigns_goalreached ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.campaigns_goalreached_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.campaigns_invitation (
    id bigint NOT NULL,
    kind character varying(4) NOT NULL,
    state character varying(9) NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    quiet_until timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    sent_at timestamp with time zone,
    reminded_at timestamp with time zone,
    answered_at timestamp with time zone,
    loop_due_at timestamp with time zone,
    loop_overdue_at timestamp with time zone,
    account_id bigint NOT NULL,
    campaign_id bigint NOT NULL,
    contact_id bigint NOT NULL,
    loop_task_id bigint,
    recipient_id bigint,
    response_id bigint,
    version_id bigint NOT NULL,
    CONSTRAINT answered_at_a_moment CHECK (((NOT ((state)::text = 'answered'::text)) OR (answered_at IS NOT NULL))),
    CONSTRAINT quiet_after_asked CHECK ((quiet_until > asked_at))
);

ALTER TABLE public.campaigns_invitation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.campaigns_invitation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.campaigns_listedaccount (
    id bigint NOT NULL,
    source character varying(6) NOT NULL,
    at timestamp with time zone NOT NULL,
    actor character varying(120) NOT NULL,
    account_id bigint NOT NULL,
    segment_id bigint NOT NULL
);

ALTER TABLE public.campaigns_listedaccount ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.campaigns_listedaccount_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.campaigns_membership (
    id bigint NOT NULL,
    entered_at timestamp with time zone NOT NULL,
    left_at timestamp with time zone,
    account_id bigint NOT NULL,
    segment_id bigint NOT NULL,
    version_id bigint NOT NULL,
    CONSTRAINT left_after_entered CHECK (((left_at IS NULL) OR (left_at >= entered_at)))
);

ALTER TABLE public.campaigns_membership ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.campaigns_membership_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.campaigns_occurrence (
    id bigint NOT NULL,
    key character varying(40) NOT NULL,
    state character varying(8) NOT NULL,
    due_at timestamp with time zone NOT NULL,
    frozen_at timestamp with time zone,
    done_at timestamp with time zone,
    frozen_to bigint NOT NULL,
    campaign_id bigint NOT NULL,
    version_id bigint NOT NULL
);

ALTER TABLE public.campaigns_occurrence ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.campaigns_occurrence_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.campaigns_outsidetouch (
    id bigint NOT NULL,
    source character varying(60) NOT NULL,
    external_id character varying(120) NOT NULL,
    kind character varying(12) NOT NULL,
    at timestamp with time zone NOT NULL,
    channel character varying(20) NOT NULL,
    campaign_name character varying(120) NOT NULL,
    utm_source character varying(80) NOT NULL,
    utm_medium character varying(80) NOT NULL,
    utm_campaign character varying(120) NOT NULL,
    utm_content character varying(120) NOT NULL,
    value numeric(14,2),
    currency character varying(3) NOT NULL,
    told_at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    campaign_id bigint,
    contact_id bigint,
    CONSTRAINT touch_value_in_a_currency CHECK (((((currency)::text = ''::text) AND (value IS NULL)) OR ((value IS NOT NULL) AND (NOT ((currency)::text = ''::text)))))
);

ALTER TABLE public.campaigns_outsidetouch ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.campaigns_outsidetouch_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.campaigns_recipient (
    id bigint NOT NULL,
    state character varying(9) NOT NULL,
    "left" character varying(14) NOT NULL,
    variant character varying(40) NOT NULL,
    weights integer NOT NULL,
    propensity double precision,
    due_at timestamp with time zone,
    settled_at timestamp with time zone,
    account_id bigint NOT NULL,
    contact_id bigint,
    enrolment_id bigint,
    message_id bigint,
    occurrence_id bigint NOT NULL,
    CONSTRAINT campaigns_recipient_weights_check CHECK ((weights >= 0)),
    CONSTRAINT left_out_with_a_reason CHECK (((NOT ((state)::text = ANY (ARRAY[('excluded'::character varying)::text, ('skipped'::character varying)::text]))) OR (NOT (("left")::text = ''::text)))),
    CONSTRAINT reason_only_where_left_out CHECK ((((state)::text = ANY (ARRAY[('excluded'::character varying)::text, ('skipped'::character varying)::text])) OR (("left")::text = ''::text)))
);

ALTER TABLE public.campaigns_recipient ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.campaigns_recipient_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.campaigns_segment (
    id bigint NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    key character varying(40) NOT NULL,
    name character varying(120) NOT NULL,
    why character varying(250) NOT NULL,
    state character varying(8) NOT NULL,
    size integer NOT NULL,
    current_id bigint,
    filled_at timestamp with time zone,
    filled_to bigint NOT NULL,
    matters integer NOT NULL,
    CONSTRAINT campaigns_segment_matters_check CHECK ((matters >= 0)),
    CONSTRAINT campaigns_segment_size_check CHECK ((size >= 0)),
    CONSTRAINT campaigns_segment_version_check CHECK ((version >= 0)),
    CONSTRAINT live_segment_has_rule CHECK (((NOT ((state)::text = 'live'::text)) OR (current_id IS NOT NULL)))
);

ALTER TABLE public.campaigns_segment ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.campaigns_segment_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.campaigns_segmentmark (
    account_id bigint NOT NULL,
    kinds integer DEFAULT 0 NOT NULL,
    stale_since timestamp with time zone,
    stale_cause_id bigint,
    CONSTRAINT campaigns_segmentmark_kinds_check CHECK ((kinds >= 0))
);

CREATE TABLE public.campaigns_segmentrebuild (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    members integer NOT NULL,
    missing integer NOT NULL,
    surplus integer NOT NULL,
    examples jsonb NOT NULL,
    seconds double precision NOT NULL,
    segment_id bigint NOT NULL,
    CONSTRAINT campaigns_segmentrebuild_members_check CHECK ((members >= 0)),
    CONSTRAINT campaigns_segmentrebuild_missing_check CHECK ((missing >= 0)),
    CONSTRAINT campaigns_segmentrebuild_surplus_check CHECK ((surplus >= 0))
);

ALTER TABLE public.campaigns_segmentrebuild ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.campaigns_segmentrebuild_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.campaigns_segmentversion (
    id bigint NOT NULL,
    number integer NOT NULL,
    rule jsonb NOT NULL,
    note character varying(250) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    created_by character varying(120) NOT NULL,
    segment_id bigint NOT NULL,
    leaves jsonb,
    stay_days smallint NOT NULL,
    CONSTRAINT campaigns_segmentversion_number_check CHECK ((number >= 0)),
    CONSTRAINT campaigns_segmentversion_stay_days_check CHECK ((stay_days >= 0))
);

ALTER TABLE public.campaigns_segmentversion ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.campaigns_segmentversion_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.campaigns_segmentwake (
    id bigint NOT NULL,
    due_at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    segment_id bigint NOT NULL
);

ALTER TABLE public.campaigns_segmentwake ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.campaigns_segmentwake_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.campaigns_weightsversion (
    id bigint NOT NULL,
    number integer NOT NULL,
    weights jsonb NOT NULL,
    figures jsonb NOT NULL,
    why character varying(250) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    created_by character varying(120) NOT NULL,
    campaign_id bigint NOT NULL,
    CONSTRAINT campaigns_weightsversion_number_check CHECK ((number >= 0)),
    CONSTRAINT weights_versions_count_from_one CHECK ((number >= 1))
);

ALTER TABLE public.campaigns_weightsversion ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.campaigns_weightsversion_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.churn_accountrisk (
    id bigint NOT NULL,
    probability double precision,
    band character varying(8) DEFAULT 'low'::character varying NOT NULL,
    reasons jsonb DEFAULT '[]'::jsonb NOT NULL,
    source character varying(60) DEFAULT ''::character varying NOT NULL,
    as_of timestamp with time zone,
    before double precision,
    stale_since timestamp with time zone,
    account_id bigint NOT NULL,
    stale_cause_id bigint,
    prediction_id bigint,
    stake double precision,
    high double precision,
    low double precision
);

ALTER TABLE public.churn_accountrisk ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.churn_accountrisk_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.churn_care (
    id bigint NOT NULL,
    kind character varying(10) NOT NULL,
    since timestamp with time zone NOT NULL,
    until timestamp with time zone,
    account_id bigint NOT NULL,
    event_id bigint
);

ALTER TABLE public.churn_care ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.churn_care_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.churn_check (
    id bigint NOT NULL,
    kind character varying(10) NOT NULL,
    as_of timestamp with time zone NOT NULL,
    figures jsonb NOT NULL,
    alarm boolean NOT NULL,
    verdict text NOT NULL,
    model_id bigint NOT NULL
);

ALTER TABLE public.churn_check ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.churn_check_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.churn_churndefinition (
    id bigint NOT NULL,
    name character varying(60) NOT NULL,
    kind character varying(12) NOT NULL,
    horizon_days integer NOT NULL,
    inactive_days integer,
    is_default boolean NOT NULL,
    least_percent smallint,
    revision integer DEFAULT 1 NOT NULL,
    leave_unpaid_apart boolean DEFAULT false NOT NULL,
    CONSTRAINT churn_churndefinition_horizon_days_check CHECK ((horizon_days >= 0)),
    CONSTRAINT churn_churndefinition_inactive_days_check CHECK ((inactive_days >= 0)),
    CONSTRAINT churn_churndefinition_least_percent_check CHECK ((least_percent >= 0)),
    CONSTRAINT churn_churndefinition_revision_check CHECK ((revision >= 0)),
    CONSTRAINT downgraded_needs_share CHECK (((NOT ((kind)::text = 'downgraded'::text)) OR ((least_percent >= 1) AND (least_percent <= 100)))),
    CONSTRAINT inactive_needs_days CHECK (((NOT ((kind)::text = 'inactive'::text)) OR (inactive_days > 0))),
    CONSTRAINT only_cancelled_leaves_apart CHECK ((((kind)::text = 'cancelled'::text) OR (NOT leave_unpaid_apart)))
);

ALTER TABLE public.churn_churndefinition ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.churn_churndefinition_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.churn_modelversion (
    id bigint NOT NULL,
    number integer NOT NULL,
    kind character varying(10) NOT NULL,
    is_live boolean NOT NULL,
    parameters jsonb NOT NULL,
    metrics jsonb NOT NULL,
    decision text NOT NULL,
    trained_as_of timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    definition_id bigint NOT NULL,
    checksum character varying(64) DEFAULT ''::character varying NOT NULL,
    golden jsonb DEFAULT '[]'::jsonb NOT NULL,
    is_challenger boolean DEFAULT false NOT NULL,
    made jsonb DEFAULT '{}'::jsonb NOT NULL,
    revision integer DEFAULT 1 NOT NULL,
    before_id bigint,
    CONSTRAINT champion_or_challenger CHECK ((NOT (is_challenger AND is_live))),
    CONSTRAINT churn_modelversion_number_check CHECK ((number >= 0)),
    CONSTRAINT churn_modelversion_revision_check CHECK ((revision >= 0))
);

ALTER TABLE public.churn_modelversion ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.churn_modelversion_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.churn_prediction (
    id bigint NOT NULL,
    as_of timestamp with time zone NOT NULL,
    probability double precision NOT NULL,
    band character varying(8) NOT NULL,
    reasons jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    model_id bigint NOT NULL,
    high double precision,
    low double precision,
    CONSTRAINT probability_in_range CHECK (((probability >= (0.0)::double precision) AND (probability <= (1.0)::double precision)))
);

ALTER TABLE public.churn_prediction ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.churn_prediction_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.churn_shadowscore (
    id bigint NOT NULL,
    as_of timestamp with time zone NOT NULL,
    probability double precision NOT NULL,
    account_id bigint NOT NULL,
    model_id bigint NOT NULL
);

ALTER TABLE public.churn_shadowscore ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.churn_shadowscore_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.churn_trainingrun (
    id bigint NOT NULL,
    state character varying(10) NOT NULL,
    asked_by character varying(120) NOT NULL,
    why character varying(200) NOT NULL,
    as_of timestamp with time zone NOT NULL,
    step character varying(120) NOT NULL,
    done double precision NOT NULL,
    attempts smallint NOT NULL,
    cancel_asked boolean NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    beat_at timestamp with time zone,
    ended_at timestamp with time zone,
    result text NOT NULL,
    definition_id bigint NOT NULL,
    version_id bigint,
    CONSTRAINT churn_trainingrun_attempts_check CHECK ((attempts >= 0)),
    CONSTRAINT training_share CHECK (((done >= (0.0)::double precision) AND (done <= (1.0)::double precision)))
);

ALTER TABLE public.churn_trainingrun ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.churn_trainingrun_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.coaching_coachingprofile (
    id bigint NOT NULL,
    since timestamp with time zone NOT NULL,
    as_of timestamp with time zone NOT NULL,
    measures jsonb NOT NULL,
    strengths jsonb NOT NULL,
    gaps jsonb NOT NULL,
    closeness double precision NOT NULL,
    account_id bigint NOT NULL,
    pattern_id bigint NOT NULL,
    fit_id bigint NOT NULL,
    CONSTRAINT closeness_zero_to_one CHECK (((closeness >= (0.0)::double precision) AND (closeness <= (1.0)::double precision)))
);

ALTER TABLE public.coaching_coachingprofile ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.coaching_coachingprofile_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.coaching_coachingrules (
    id smallint NOT NULL,
    slots smallint NOT NULL,
    per_week smallint NOT NULL,
    held_percent double precision NOT NULL,
    window_days smallint NOT NULL,
    rest_days smallint NOT NULL,
    later_days smallint NOT NULL,
    CONSTRAINT coaching_coachingrules_id_check CHECK ((id >= 0)),
    CONSTRAINT coaching_coachingrules_later_days_check CHECK ((later_days >= 0)),
    CONSTRAINT coaching_coachingrules_per_week_check CHECK ((per_week >= 0)),
    CONSTRAINT coaching_coachingrules_rest_days_check CHECK ((rest_days >= 0)),
    CONSTRAINT coaching_coachingrules_slots_check CHECK ((slots >= 0)),
    CONSTRAINT coaching_coachingrules_window_days_check CHECK ((window_days >= 0)),
    CONSTRAINT held_back_two_to_fifty_percent CHECK (((held_percent >= (2.0)::double precision) AND (held_percent <= (50.0)::double precision))),
    CONSTRAINT one_row_of_coaching_rules CHECK ((id = 1)),
    CONSTRAINT slate_of_one_to_five CHECK (((slots >= 1) AND (slots <= 5))),
    CONSTRAINT tip_window_7_to_90_days CHECK (((window_days >= 7) AND (window_days <= 90)))
);

CREATE TABLE public.coaching_goal (
    id bigint NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    action character varying(250) NOT NULL,
    measure character varying(10) NOT NULL,
    name character varying(160) NOT NULL,
    target double precision NOT NULL,
    within_days smallint NOT NULL,
    baseline double precision,
    agreed_at timestamp with time zone NOT NULL,
    session_id bigint NOT NULL,
    CONSTRAINT coaching_goal_version_check CHECK ((version >= 0)),
    CONSTRAINT coaching_goal_within_days_check CHECK ((within_days >= 0)),
    CONSTRAINT goal_asks_for_something CHECK ((target > (0.0)::double precision)),
    CONSTRAINT goal_is_read_at_7_or_30_days CHECK ((within_days = ANY (ARRAY[7, 30]))),
    CONSTRAINT goal_names_what_it_counts CHECK (((NOT ((measure)::text = ANY (ARRAY[('activity'::character varying)::text, ('milestone'::character varying)::text]))) OR (NOT ((name)::text = ''::text))))
);

ALTER TABLE public.coaching_goal ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.coaching_goal_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.coaching_goalreading (
    id bigint NOT NULL,
    days smallint NOT NULL,
    due_at timestamp with time zone NOT NULL,
    read_at timestamp with time zone,
    value double precision,
    reached boolean,
    goal_id bigint NOT NULL,
    CONSTRAINT coaching_goalreading_days_check CHECK ((days >= 0)),
    CONSTRAINT read_goal_has_a_value CHECK ((((reached IS NULL) AND (read_at IS NULL) AND (value IS NULL)) OR ((reached IS NOT NULL) AND (read_at IS NOT NULL) AND (value IS NOT NULL))))
);

ALTER TABLE public.coaching_goalreading ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.coaching_goalreading_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.coaching_pattern (
    id bigint NOT NULL,
    key character varying(40) NOT NULL,
    name character varying(80) NOT NULL,
    words character varying(250) NOT NULL,
    named_by_hand boolean NOT NULL,
    made_at timestamp with time zone NOT NULL
);

ALTER TABLE public.coaching_pattern ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.coaching_pattern_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.coaching_profilefit (
    id bigint NOT NULL,
    kind character varying(8) NOT NULL,
    as_of timestamp with time zone NOT NULL,
    made_at timestamp with time zone NOT NULL,
    accounts integer NOT NULL,
    patterns smallint NOT NULL,
    stability jsonb NOT NULL,
    scales jsonb NOT NULL,
    centres jsonb NOT NULL,
    seed bigint NOT NULL,
    CONSTRAINT coaching_profilefit_accounts_check CHECK ((accounts >= 0)),
    CONSTRAINT coaching_profilefit_patterns_check CHECK ((patterns >= 0))
);

ALTER TABLE public.coaching_profilefit ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.coaching_profilefit_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.coaching_recommendation (
    id bigint NOT NULL,
    slot smallint NOT NULL,
    state character varying(10) NOT NULL,
    held_back boolean NOT NULL,
    held_chance double precision NOT NULL,
    propensity double precision NOT NULL,
    decision bigint,
    candidates jsonb NOT NULL,
    reason character varying(250) NOT NULL,
    evidence jsonb NOT NULL,
    expected double precision NOT NULL,
    at timestamp with time zone NOT NULL,
    due_at timestamp with time zone NOT NULL,
    answered_at timestamp with time zone,
    answered_by character varying(120) NOT NULL,
    ended_because character varying(120) NOT NULL,
    before double precision NOT NULL,
    before_that double precision NOT NULL,
    after double precision,
    moved boolean,
    read_at timestamp with time zone,
    account_id bigint NOT NULL,
    slate_id bigint NOT NULL,
    tip_id bigint NOT NULL,
    version_id bigint NOT NULL,
    CONSTRAINT coaching_recommendation_slot_check CHECK ((slot >= 0)),
    CONSTRAINT held_back_is_never_answered CHECK ((((answered_at IS NULL) AND (decision IS NULL) AND held_back AND ((state)::text = 'held'::text)) OR ((NOT held_back) AND (NOT ((state)::text = 'held'::text))))),
    CONSTRAINT held_chance_is_a_chance CHECK (((held_chance > (0.0)::double precision) AND (held_chance < (1.0)::double precision))),
    CONSTRAINT read_tip_has_an_outcome CHECK ((((after IS NULL) AND (moved IS NULL) AND (read_at IS NULL)) OR ((after IS NOT NULL) AND (moved IS NOT NULL) AND (read_at IS NOT NULL)))),
    CONSTRAINT tip_propensity_is_a_chance CHECK (((propensity > (0.0)::double precision) AND (propensity <= (1.0)::double precision))),
    CONSTRAINT tip_read_after_shown CHECK ((due_at > at))
);

ALTER TABLE public.coaching_recommendation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.coaching_recommendation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.coaching_session (
    id bigint NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    decision bigint,
    tip character varying(40) NOT NULL,
    topic character varying(160) NOT NULL,
    agenda jsonb NOT NULL,
    mode character varying(8) NOT NULL,
    place character varying(250) NOT NULL,
    state character varying(10) NOT NULL,
    minutes smallint NOT NULL,
    proposed_at timestamp with time zone NOT NULL,
    starts_at timestamp with time zone,
    times_set smallint NOT NULL,
    begun_at timestamp with time zone,
    ended_at timestamp with time zone,
    notes text NOT NULL,
    confidence smallint,
    ended_because character varying(250) NOT NULL,
    account_id bigint NOT NULL,
    coach_id bigint,
    contact_id bigint,
    strategy_id bigint NOT NULL,
    CONSTRAINT coaching_session_confidence_check CHECK ((confidence >= 0)),
    CONSTRAINT coaching_session_minutes_check CHECK ((minutes >= 0)),
    CONSTRAINT coaching_session_times_set_check CHECK ((times_set >= 0)),
    CONSTRAINT coaching_session_version_check CHECK ((version >= 0)),
    CONSTRAINT confidence_zero_to_ten CHECK (((confidence IS NULL) OR ((confidence >= 0) AND (confidence <= 10)))),
    CONSTRAINT held_session_began_and_ended CHECK (((NOT ((state)::text = ANY (ARRAY[('held'::character varying)::text, ('follow_up'::character varying)::text, ('done'::character varying)::text]))) OR ((begun_at IS NOT NULL) AND (ended_at >= begun_at)))),
    CONSTRAINT live_session_has_begun CHECK (((NOT ((state)::text = 'live'::text)) OR ((begun_at IS NOT NULL) AND (ended_at IS NULL)))),
    CONSTRAINT scheduled_session_has_a_time CHECK ((((state)::text = ANY (ARRAY[('proposed'::character varying)::text, ('accepted'::character varying)::text, ('called_off'::character varying)::text])) OR (starts_at IS NOT NULL)))
);

ALTER TABLE public.coaching_session ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.coaching_session_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.coaching_session_promises (
    id bigint NOT NULL,
    session_id bigint NOT NULL,
    promise_id bigint NOT NULL
);

ALTER TABLE public.coaching_session_promises ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.coaching_session_promises_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.coaching_slate (
    id bigint NOT NULL,
    key character varying(60) NOT NULL,
    at timestamp with time zone NOT NULL,
    passed_over jsonb NOT NULL,
    account_id bigint NOT NULL,
    pattern_id bigint
);

ALTER TABLE public.coaching_slate ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.coaching_slate_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.coaching_strategy (
    id bigint NOT NULL,
    key character varying(40) NOT NULL,
    name character varying(80) NOT NULL,
    words character varying(300) NOT NULL,
    "position" smallint NOT NULL,
    offered boolean NOT NULL,
    CONSTRAINT coaching_strategy_position_check CHECK (("position" >= 0))
);

ALTER TABLE public.coaching_strategy ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.coaching_strategy_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.coaching_tip (
    id bigint NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    key character varying(40) NOT NULL,
    name character varying(120) NOT NULL,
    state character varying(8) NOT NULL,
    current_id bigint,
    CONSTRAINT coaching_tip_version_check CHECK ((version >= 0)),
    CONSTRAINT live_tip_has_words CHECK (((NOT ((state)::text = 'live'::text)) OR (current_id IS NOT NULL)))
);

ALTER TABLE public.coaching_tip ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.coaching_tip_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.coaching_tipanswerrow (
    id bigint NOT NULL,
    answer character varying(10) NOT NULL,
    note character varying(250) NOT NULL,
    by character varying(120) NOT NULL,
    at timestamp with time zone NOT NULL,
    recommendation_id bigint NOT NULL
);

ALTER TABLE public.coaching_tipanswerrow ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.coaching_tipanswerrow_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.coaching_tipversion (
    id bigint NOT NULL,
    number integer NOT NULL,
    definition jsonb NOT NULL,
    note character varying(250) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    created_by character varying(120) NOT NULL,
    tip_id bigint NOT NULL,
    CONSTRAINT coaching_tipversion_number_check CHECK ((number >= 0))
);

ALTER TABLE public.coaching_tipversion ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.coaching_tipversion_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.community_advocate (
    id bigint NOT NULL,
    code character varying(12) NOT NULL,
    state character varying(8) NOT NULL,
    joined_at timestamp with time zone NOT NULL,
    actor character varying(120) NOT NULL,
    account_id bigint NOT NULL,
    contact_id bigint NOT NULL,
    program_id bigint NOT NULL
);

ALTER TABLE public.community_advocate ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.community_advocate_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.community_ask (
    id bigint NOT NULL,
    kind character varying(10) NOT NULL,
    state character varying(8) NOT NULL,
    purpose character varying(250) DEFAULT ''::character varying NOT NULL,
    proposed_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    asked_at timestamp with time zone,
    asked_by character varying(120) DEFAULT ''::character varying NOT NULL,
    answered_at timestamp with time zone,
    done_at timestamp with time zone,
    closed_why character varying(250) DEFAULT ''::character varying NOT NULL,
    account_id bigint NOT NULL,
    cause_id bigint,
    contact_id bigint NOT NULL,
    message_id bigint,
    moment_id bigint,
    CONSTRAINT asked_has_a_time CHECK ((((state)::text = ANY (ARRAY[('proposed'::character varying)::text, ('declined'::character varying)::text, ('expired'::character varying)::text])) OR (asked_at IS NOT NULL)))
);

ALTER TABLE public.community_ask ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.community_ask_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.community_askrules (
    id smallint NOT NULL,
    automatic boolean NOT NULL,
    least_score smallint NOT NULL,
    any_days smallint NOT NULL,
    referral_days smallint NOT NULL,
    declined_days smallint NOT NULL,
    renewal_days smallint NOT NULL,
    per_day smallint NOT NULL,
    moment_days smallint NOT NULL,
    ask_days smallint NOT NULL,
    reference_per_quarter smallint NOT NULL,
    most_owed smallint NOT NULL,
    review_url character varying(200) NOT NULL,
    CONSTRAINT community_askrules_any_days_check CHECK ((any_days >= 0)),
    CONSTRAINT community_askrules_ask_days_check CHECK ((ask_days >= 0)),
    CONSTRAINT community_askrules_declined_days_check CHECK ((declined_days >= 0)),
    CONSTRAINT community_askrules_id_check CHECK ((id >= 0)),
    CONSTRAINT community_askrules_least_score_check CHECK ((least_score >= 0)),
    CONSTRAINT community_askrules_moment_days_check CHECK ((moment_days >= 0)),
    CONSTRAINT community_askrules_most_owed_check CHECK ((most_owed >= 0)),
    CONSTRAINT community_askrules_per_day_check CHECK ((per_day >= 0)),
    CONSTRAINT community_askrules_reference_per_quarter_check CHECK ((reference_per_quarter >= 0)),
    CONSTRAINT community_askrules_referral_days_check CHECK ((referral_days >= 0)),
    CONSTRAINT community_askrules_renewal_days_check CHECK ((renewal_days >= 0)),
    CONSTRAINT least_score_is_of_100 CHECK ((least_score <= 100)),
    CONSTRAINT one_row_of_ask_rules CHECK ((id = 1))
);

CREATE TABLE public.community_challenge (
    id bigint NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    key character varying(60) NOT NULL,
    name character varying(120) NOT NULL,
    words jsonb NOT NULL,
    state character varying(8) NOT NULL,
    team boolean NOT NULL,
    counts character varying(10) NOT NULL,
    activity character varying(160) NOT NULL,
    target integer NOT NULL,
    cohort character varying(10) NOT NULL,
    cohort_value character varying(80) NOT NULL,
    zone character varying(60) NOT NULL,
    first_day date NOT NULL,
    last_day date NOT NULL,
    grace_hours smallint NOT NULL,
    "least" smallint NOT NULL,
    salt character varying(40) NOT NULL,
    reached_by integer NOT NULL,
    closed_at timestamp with time zone,
    milestone_id bigint,
    CONSTRAINT challenge_counts_one_thing CHECK (((((counts)::text = 'milestone'::text) AND (milestone_id IS NOT NULL) AND (target = 1) AND team) OR (((counts)::text = 'activity'::text) AND (milestone_id IS NULL) AND (NOT ((activity)::text = ''::text))))),
    CONSTRAINT challenge_ends_after_it_begins CHECK ((last_day >= first_day)),
    CONSTRAINT challenge_has_a_target CHECK ((target >= 1)),
    CONSTRAINT challenge_shows_three_or_more CHECK (("least" >= 3)),
    CONSTRAINT community_challenge_grace_hours_check CHECK ((grace_hours >= 0)),
    CONSTRAINT community_challenge_least_check CHECK (("least" >= 0)),
    CONSTRAINT community_challenge_reached_by_check CHECK ((reached_by >= 0)),
    CONSTRAINT community_challenge_target_check CHECK ((target >= 0)),
    CONSTRAINT community_challenge_version_check CHECK ((version >= 0))
);

ALTER TABLE public.community_challenge ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.community_challenge_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.community_challengecount (
    id bigint NOT NULL,
    key character varying(170) NOT NULL,
    at timestamp with time zone NOT NULL,
    late boolean NOT NULL,
    entry_id bigint NOT NULL
);

ALTER TABLE public.community_challengecount ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.community_challengecount_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.community_challengeentry (
    id bigint NOT NULL,
    team boolean NOT NULL,
    joined_at timestamp with time zone NOT NULL,
    count integer NOT NULL,
    late integer NOT NULL,
    reached_at timestamp with time zone,
    account_id bigint NOT NULL,
    challenge_id bigint NOT NULL,
    contact_id bigint NOT NULL,
    CONSTRAINT community_challengeentry_count_check CHECK ((count >= 0)),
    CONSTRAINT community_challengeentry_late_check CHECK ((late >= 0))
);

ALTER TABLE public.community_challengeentry ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.community_challengeentry_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.community_favour (
    id bigint NOT NULL,
    kind character varying(10) NOT NULL,
    key character varying(120) NOT NULL,
    at timestamp with time zone NOT NULL,
    source character varying(60) NOT NULL,
    thanked_at timestamp with time zone,
    account_id bigint NOT NULL,
    contact_id bigint
);

ALTER TABLE public.community_favour ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.community_favour_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.community_invite (
    id bigint NOT NULL,
    addressee character varying(80) NOT NULL,
    domain character varying(80) NOT NULL,
    locale character varying(12) NOT NULL,
    at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    advocate_id bigint NOT NULL,
    message_id bigint,
    program_id bigint NOT NULL
);

ALTER TABLE public.community_invite ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.community_invite_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.community_moment (
    id bigint NOT NULL,
    kind character varying(10) NOT NULL,
    state character varying(10) NOT NULL,
    score smallint NOT NULL,
    reasons jsonb NOT NULL,
    found_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    closed_why character varying(250) DEFAULT ''::character varying NOT NULL,
    account_id bigint NOT NULL,
    cause_id bigint,
    contact_id bigint NOT NULL,
    CONSTRAINT community_moment_score_check CHECK ((score >= 0)),
    CONSTRAINT moment_score_is_of_100 CHECK ((score <= 100))
);

ALTER TABLE public.community_moment ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.community_moment_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.community_momentmark (
    id bigint NOT NULL,
    stale_since timestamp with time zone,
    account_id bigint NOT NULL,
    stale_cause_id bigint
);

ALTER TABLE public.community_momentmark ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.community_momentmark_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.community_namedconsent (
    id bigint NOT NULL,
    item character varying(80) NOT NULL,
    words text NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    asked_by character varying(120) NOT NULL,
    allowed boolean,
    answered_at timestamp with time zone,
    source character varying(40) DEFAULT ''::character varying NOT NULL,
    contact_id bigint NOT NULL,
    CONSTRAINT named_answer_has_a_time CHECK ((((allowed IS NULL) AND (answered_at IS NULL)) OR ((allowed IS NOT NULL) AND (answered_at IS NOT NULL))))
);

ALTER TABLE public.community_namedconsent ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.community_namedconsent_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.community_published (
    id bigint NOT NULL,
    version integer NOT NULL,
    "on" date NOT NULL,
    verdict character varying(10) NOT NULL,
    number bigint,
    why character varying(250) NOT NULL,
    counted integer NOT NULL,
    others integer NOT NULL,
    behind bigint[] NOT NULL,
    statement_id bigint NOT NULL,
    CONSTRAINT community_published_counted_check CHECK ((counted >= 0)),
    CONSTRAINT community_published_number_check CHECK ((number >= 0)),
    CONSTRAINT community_published_others_check CHECK ((others >= 0)),
    CONSTRAINT community_published_version_check CHECK ((version >= 0)),
    CONSTRAINT shown_or_not CHECK ((((number IS NOT NULL) AND ((verdict)::text = 'published'::text)) OR ((number IS NULL) AND ((verdict)::text = 'suppressed'::text)))),
    CONSTRAINT ten_on_either_side CHECK ((((verdict)::text = 'suppressed'::text) OR ((counted >= 10) AND (others >= 10))))
);

ALTER TABLE public.community_published ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.community_published_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.community_referral (
    id bigint NOT NULL,
    key character varying(160) NOT NULL,
    via character varying(10) NOT NULL,
    friend character varying(80) NOT NULL,
    friend_external_id character varying(120) NOT NULL,
    payer character varying(80) NOT NULL,
    coupon character varying(80) NOT NULL,
    network character varying(80) NOT NULL,
    state character varying(8) NOT NULL,
    score smallint NOT NULL,
    signs jsonb NOT NULL,
    cleared boolean NOT NULL,
    reason character varying(250) NOT NULL,
    signed_up_at timestamp with time zone NOT NULL,
    noticed_at timestamp with time zone NOT NULL,
    valued_at timestamp with time zone,
    hold_until timestamp with time zone,
    approved_at timestamp with time zone,
    voided_at timestamp with time zone,
    account_id bigint NOT NULL,
    advocate_id bigint NOT NULL,
    friend_account_id bigint,
    invite_id bigint,
    click_id bigint,
    program_id bigint NOT NULL,
    version_id bigint NOT NULL,
    CONSTRAINT approved_after_value CHECK (((NOT ((state)::text = 'approved'::text)) OR (valued_at IS NOT NULL))),
    CONSTRAINT community_referral_score_check CHECK ((score >= 0)),
    CONSTRAINT fraud_score_is_of_100 CHECK ((score <= 100))
);

ALTER TABLE public.community_referral ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.community_referral_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.community_referralclick (
    id bigint NOT NULL,
    network character varying(80) NOT NULL,
    at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    advocate_id bigint NOT NULL,
    invite_id bigint,
    program_id bigint NOT NULL
);

ALTER TABLE public.community_referralclick ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.community_referralclick_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.community_referraldecision (
    id bigint NOT NULL,
    state character varying(8) NOT NULL,
    score smallint NOT NULL,
    signs jsonb NOT NULL,
    reason character varying(250) NOT NULL,
    actor character varying(120) NOT NULL,
    at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    referral_id bigint NOT NULL,
    CONSTRAINT community_referraldecision_score_check CHECK ((score >= 0))
);

ALTER TABLE public.community_referraldecision ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.community_referraldecision_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.community_referralprogram (
    id bigint NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    key character varying(60) NOT NULL,
    name character varying(120) NOT NULL,
    state character varying(6) NOT NULL,
    live_at timestamp with time zone,
    current_id bigint,
    CONSTRAINT community_referralprogram_version_check CHECK ((version >= 0))
);

ALTER TABLE public.community_referralprogram ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.community_referralprogram_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.community_referralprogramversion (
    id bigint NOT NULL,
    number integer NOT NULL,
    definition jsonb NOT NULL,
    note character varying(250) NOT NULL,
    created_by character varying(120) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    program_id bigint NOT NULL,
    CONSTRAINT community_referralprogramversion_number_check CHECK ((number >= 0))
);

ALTER TABLE public.community_referralprogramversion ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.community_referralprogramversion_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.community_referralreward (
    id bigint NOT NULL,
    side character varying(8) NOT NULL,
    unit character varying(8) NOT NULL,
    currency character varying(40) NOT NULL,
    amount numeric(12,2) NOT NULL,
    state character varying(8) NOT NULL,
    reason character varying(250) NOT NULL,
    due_at timestamp with time zone NOT NULL,
    issued_at timestamp with time zone,
    reversed_at timestamp with time zone,
    account_id bigint,
    claim_id bigint,
    referral_id bigint NOT NULL,
    CONSTRAINT issued_stands_in_the_ledger CHECK (((NOT ((state)::text = 'issued'::text)) OR (claim_id IS NOT NULL)))
);

ALTER TABLE public.community_referralreward ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.community_referralreward_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.community_sharingchoice (
    id bigint NOT NULL,
    surface character varying(10) NOT NULL,
    allowed boolean NOT NULL,
    source character varying(40) NOT NULL,
    actor character varying(120) NOT NULL,
    at timestamp with time zone NOT NULL,
    contact_id bigint NOT NULL
);

ALTER TABLE public.community_sharingchoice ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.community_sharingchoice_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.community_statement (
    id bigint NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    key character varying(60) NOT NULL,
    words jsonb NOT NULL,
    deed character varying(10) NOT NULL,
    activity character varying(160) NOT NULL,
    days smallint NOT NULL,
    cohort character varying(10) NOT NULL,
    cohort_value character varying(80) NOT NULL,
    live boolean NOT NULL,
    milestone_id bigint,
    CONSTRAINT community_statement_days_check CHECK ((days >= 0)),
    CONSTRAINT community_statement_version_check CHECK ((version >= 0)),
    CONSTRAINT statement_tells_of_one_deed CHECK (((((deed)::text = 'milestone'::text) AND (milestone_id IS NOT NULL)) OR ((NOT ((deed)::text = 'milestone'::text)) AND (NOT ((activity)::text = ''::text)))))
);

ALTER TABLE public.community_statement ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.community_statement_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.dashboards_accountvisit (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    before timestamp with time zone,
    account_id bigint NOT NULL,
    user_id bigint NOT NULL
);

ALTER TABLE public.dashboards_accountvisit ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.dashboards_accountvisit_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.dashboards_dashboard (
    id bigint NOT NULL,
    key character varying(40),
    name character varying(80) NOT NULL,
    why character varying(200) NOT NULL,
    sees character varying(10) NOT NULL,
    edits character varying(10) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    archived_at timestamp with time zone,
    owner_id bigint,
    team_id bigint,
    current_id bigint,
    CONSTRAINT team_board_has_a_team CHECK (((NOT ((sees)::text = 'team'::text)) OR (team_id IS NOT NULL)))
);

ALTER TABLE public.dashboards_dashboard ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.dashboards_dashboard_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.dashboards_dashboarddraft (
    id bigint NOT NULL,
    says jsonb NOT NULL,
    seen integer NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    dashboard_id bigint,
    user_id bigint NOT NULL,
    CONSTRAINT dashboards_dashboarddraft_seen_check CHECK ((seen >= 0))
);

ALTER TABLE public.dashboards_dashboarddraft ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.dashboards_dashboarddraft_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.dashboards_dashboardversion (
    id bigint NOT NULL,
    number integer NOT NULL,
    says jsonb NOT NULL,
    note character varying(200) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    created_by_id bigint,
    dashboard_id bigint NOT NULL,
    CONSTRAINT dashboards_dashboardversion_number_check CHECK ((number >= 0))
);

ALTER TABLE public.dashboards_dashboardversion ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.dashboards_dashboardversion_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.dashboards_pathdraft (
    id bigint NOT NULL,
    key character varying(60) NOT NULL,
    name character varying(120) NOT NULL,
    says jsonb NOT NULL,
    note character varying(250) NOT NULL,
    seen integer NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    changed_by_id bigint,
    milestone_id bigint,
    CONSTRAINT dashboards_pathdraft_seen_check CHECK ((seen >= 0))
);

ALTER TABLE public.dashboards_pathdraft ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.dashboards_pathdraft_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.dashboards_savedview (
    id bigint NOT NULL,
    name character varying(60) NOT NULL,
    shared boolean NOT NULL,
    is_home boolean NOT NULL,
    filters jsonb NOT NULL,
    columns jsonb NOT NULL,
    sort character varying(30) NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    owner_id bigint NOT NULL
);

ALTER TABLE public.dashboards_savedview ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.dashboards_savedview_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.dashboards_sharelink (
    id bigint NOT NULL,
    made_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    opened integer NOT NULL,
    opened_at timestamp with time zone,
    dashboard_id bigint NOT NULL,
    made_by_id bigint,
    CONSTRAINT dashboards_sharelink_opened_check CHECK ((opened >= 0)),
    CONSTRAINT link_lasts_a_while CHECK ((expires_at > made_at))
);

ALTER TABLE public.dashboards_sharelink ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.dashboards_sharelink_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.django_admin_log (
    id integer NOT NULL,
    action_time timestamp with time zone NOT NULL,
    object_id text,
    object_repr character varying(200) NOT NULL,
    action_flag smallint NOT NULL,
    change_message text NOT NULL,
    content_type_id integer,
    user_id bigint NOT NULL,
    CONSTRAINT django_admin_log_action_flag_check CHECK ((action_flag >= 0))
);

ALTER TABLE public.django_admin_log ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_admin_log_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.django_celery_beat_clockedschedule (
    id integer NOT NULL,
    clocked_time timestamp with time zone NOT NULL
);

ALTER TABLE public.django_celery_beat_clockedschedule ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_celery_beat_clockedschedule_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.django_celery_beat_crontabschedule (
    id integer NOT NULL,
    minute character varying(240) NOT NULL,
    hour character varying(96) NOT NULL,
    day_of_week character varying(64) NOT NULL,
    day_of_month character varying(124) NOT NULL,
    month_of_year character varying(64) NOT NULL,
    timezone character varying(63) NOT NULL
);

ALTER TABLE public.django_celery_beat_crontabschedule ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_celery_beat_crontabschedule_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.django_celery_beat_intervalschedule (
    id integer NOT NULL,
    every integer NOT NULL,
    period character varying(24) NOT NULL
);

ALTER TABLE public.django_celery_beat_intervalschedule ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_celery_beat_intervalschedule_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.django_celery_beat_periodictask (
    id integer NOT NULL,
    name character varying(200) NOT NULL,
    task character varying(200) NOT NULL,
    args text NOT NULL,
    kwargs text NOT NULL,
    queue character varying(200),
    exchange character varying(200),
    routing_key character varying(200),
    expires timestamp with time zone,
    enabled boolean NOT NULL,
    last_run_at timestamp with time zone,
    total_run_count integer NOT NULL,
    date_changed timestamp with time zone NOT NULL,
    description text NOT NULL,
    crontab_id integer,
    interval_id integer,
    solar_id integer,
    one_off boolean NOT NULL,
    start_time timestamp with time zone,
    priority integer,
    headers text NOT NULL,
    clocked_id integer,
    expire_seconds integer,
    CONSTRAINT django_celery_beat_periodictask_expire_seconds_check CHECK ((expire_seconds >= 0)),
    CONSTRAINT django_celery_beat_periodictask_priority_check CHECK ((priority >= 0)),
    CONSTRAINT django_celery_beat_periodictask_total_run_count_check CHECK ((total_run_count >= 0))
);

ALTER TABLE public.django_celery_beat_periodictask ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_celery_beat_periodictask_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.django_celery_beat_periodictasks (
    ident smallint NOT NULL,
    last_update timestamp with time zone NOT NULL
);

CREATE TABLE public.django_celery_beat_solarschedule (
    id integer NOT NULL,
    event character varying(24) NOT NULL,
    latitude numeric(9,6) NOT NULL,
    longitude numeric(9,6) NOT NULL
);

ALTER TABLE public.django_celery_beat_solarschedule ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_celery_beat_solarschedule_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.django_content_type (
    id integer NOT NULL,
    app_label character varying(100) NOT NULL,
    model character varying(100) NOT NULL
);

ALTER TABLE public.django_content_type ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_content_type_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.django_migrations (
    id bigint NOT NULL,
    app character varying(255) NOT NULL,
    name character varying(255) NOT NULL,
    applied timestamp with time zone NOT NULL
);

ALTER TABLE public.django_migrations ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_migrations_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.django_session (
    session_key character varying(40) NOT NULL,
    session_data text NOT NULL,
    expire_date timestamp with time zone NOT NULL
);

ALTER TABLE public.events_change ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.events_change_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.events_delivery (
    id bigint NOT NULL,
    handler character varying(120) NOT NULL,
    state character varying(10) NOT NULL,
    attempts smallint NOT NULL,
    due_at timestamp with time zone NOT NULL,
    done_at timestamp with time zone,
    last_error text NOT NULL,
    event_id bigint NOT NULL,
    CONSTRAINT events_delivery_attempts_check CHECK ((attempts >= 0))
);

ALTER TABLE public.events_delivery ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.events_delivery_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.events_event (
    id bigint NOT NULL,
    type character varying(60) NOT NULL,
    subject character varying(80) NOT NULL,
    payload jsonb NOT NULL,
    actor character varying(120) NOT NULL,
    at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    cause_id bigint
);

ALTER TABLE public.events_event ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.events_event_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.events_heartbeat (
    id bigint NOT NULL,
    name character varying(160) NOT NULL,
    kind character varying(10) NOT NULL,
    host character varying(100) NOT NULL,
    pid integer NOT NULL,
    queues character varying(40)[] NOT NULL,
    started_at timestamp with time zone NOT NULL,
    at timestamp with time zone NOT NULL,
    says jsonb NOT NULL,
    stopped_at timestamp with time zone,
    CONSTRAINT events_heartbeat_pid_check CHECK ((pid >= 0))
);

ALTER TABLE public.events_heartbeat ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.events_heartbeat_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.events_jobrun (
    id bigint NOT NULL,
    name character varying(100) NOT NULL,
    last_started_at timestamp with time zone,
    last_success_at timestamp with time zone,
    last_failure_at timestamp with time zone,
    last_error text NOT NULL,
    last_result text NOT NULL,
    seconds double precision,
    runs bigint NOT NULL,
    failures bigint DEFAULT 0 NOT NULL,
    recent double precision[] DEFAULT '{}'::double precision[] NOT NULL,
    total_seconds double precision DEFAULT 0.0 NOT NULL,
    CONSTRAINT events_jobrun_failures_check CHECK ((failures >= 0)),
    CONSTRAINT events_jobrun_runs_check CHECK ((runs >= 0))
);

ALTER TABLE public.events_jobrun ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.events_jobrun_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.events_seal (
    id bigint NOT NULL,
    until timestamp with time zone NOT NULL,
    changes bigint NOT NULL,
    digest character varying(64) NOT NULL,
    sealed_at timestamp with time zone NOT NULL,
    CONSTRAINT events_seal_changes_check CHECK ((changes >= 0))
);

ALTER TABLE public.events_seal ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.events_seal_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.experiments_armcount (
    id bigint NOT NULL,
    policy character varying(40) NOT NULL,
    segment character varying(80) NOT NULL,
    action character varying(80) NOT NULL,
    arm character varying(40) NOT NULL,
    successes double precision NOT NULL,
    failures double precision NOT NULL,
    as_of timestamp with time zone NOT NULL,
    CONSTRAINT counts_not_negative CHECK (((failures >= (0.0)::double precision) AND (successes >= (0.0)::double precision)))
);

ALTER TABLE public.experiments_armcount ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.experiments_armcount_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.experiments_assignment (
    id bigint NOT NULL,
    variant character varying(40) NOT NULL,
    bucket double precision NOT NULL,
    before double precision,
    at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    experiment_id bigint NOT NULL
);

ALTER TABLE public.experiments_assignment ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.experiments_assignment_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.experiments_experiment (
    id bigint NOT NULL,
    key character varying(80) NOT NULL,
    name character varying(120) NOT NULL,
    hypothesis text NOT NULL,
    state character varying(10) NOT NULL,
    variants jsonb NOT NULL,
    coverage double precision NOT NULL,
    metric character varying(80) NOT NULL,
    metric_words character varying(160) NOT NULL,
    metric_kind character varying(8) NOT NULL,
    window_days smallint NOT NULL,
    rule character varying(16) NOT NULL,
    planned_size integer NOT NULL,
    planned_looks smallint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    started_at timestamp with time zone,
    stopped_at timestamp with time zone,
    created_by character varying(80) NOT NULL,
    started_by character varying(80) DEFAULT ''::character varying NOT NULL,
    stopped_by character varying(80) DEFAULT ''::character varying NOT NULL,
    stop_reason character varying(250) DEFAULT ''::character varying NOT NULL,
    CONSTRAINT coverage_is_a_share CHECK (((coverage > (0.0)::double precision) AND (coverage <= (1.0)::double precision))),
    CONSTRAINT experiments_experiment_planned_looks_check CHECK ((planned_looks >= 0)),
    CONSTRAINT experiments_experiment_planned_size_check CHECK ((planned_size >= 0)),
    CONSTRAINT experiments_experiment_window_days_check CHECK ((window_days >= 0)),
    CONSTRAINT plan_has_a_size CHECK (((planned_looks >= 1) AND (planned_size >= 20))),
    CONSTRAINT running_has_begun CHECK ((((state)::text = 'draft'::text) OR (started_at IS NOT NULL))),
    CONSTRAINT stopped_has_ended CHECK (((NOT ((state)::text = 'stopped'::text)) OR (stopped_at IS NOT NULL)))
);

ALTER TABLE public.experiments_experiment ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.experiments_experiment_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.experiments_exposure (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    experiment_id bigint NOT NULL
);

ALTER TABLE public.experiments_exposure ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.experiments_exposure_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.experiments_holdout (
    id bigint NOT NULL,
    key character varying(80) NOT NULL,
    share_percent double precision NOT NULL,
    salt character varying(120) NOT NULL,
    state character varying(8) NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    renews boolean NOT NULL,
    everybody boolean NOT NULL,
    reason character varying(250) NOT NULL,
    actor character varying(80) NOT NULL,
    CONSTRAINT holdout_has_a_length CHECK ((ends_at > starts_at)),
    CONSTRAINT holdout_share_at_most_half CHECK (((share_percent >= (0.0)::double precision) AND (share_percent <= (50.0)::double precision)))
);

ALTER TABLE public.experiments_holdout ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.experiments_holdout_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.experiments_holdoutmember (
    id bigint NOT NULL,
    held_out boolean NOT NULL,
    stratum character varying(60) NOT NULL,
    since timestamp with time zone NOT NULL,
    until timestamp with time zone,
    account_id bigint NOT NULL,
    holdout_id bigint NOT NULL
);

ALTER TABLE public.experiments_holdoutmember ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.experiments_holdoutmember_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.experiments_look (
    id bigint NOT NULL,
    number smallint NOT NULL,
    at timestamp with time zone NOT NULL,
    size integer NOT NULL,
    fraction double precision NOT NULL,
    z double precision,
    boundary double precision,
    strongest character varying(40) NOT NULL,
    verdict character varying(16) NOT NULL,
    figures jsonb NOT NULL,
    mismatch_p double precision NOT NULL,
    actor character varying(80) NOT NULL,
    experiment_id bigint NOT NULL,
    CONSTRAINT experiments_look_number_check CHECK ((number >= 0)),
    CONSTRAINT experiments_look_size_check CHECK ((size >= 0)),
    CONSTRAINT fraction_of_the_plan CHECK (((fraction > (0.0)::double precision) AND (fraction <= (1.0)::double precision)))
);

ALTER TABLE public.experiments_look ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.experiments_look_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.experiments_outcomerow (
    id bigint NOT NULL,
    metric character varying(80) NOT NULL,
    value double precision NOT NULL,
    at timestamp with time zone NOT NULL,
    key character varying(120) NOT NULL,
    account_id bigint NOT NULL,
    experiment_id bigint NOT NULL
);

ALTER TABLE public.experiments_outcomerow ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.experiments_outcomerow_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.experiments_override (
    id bigint NOT NULL,
    variant character varying(40) NOT NULL,
    reason character varying(250) NOT NULL,
    actor character varying(80) NOT NULL,
    at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    experiment_id bigint NOT NULL,
    CONSTRAINT override_says_why CHECK ((NOT ((reason)::text = ''::text)))
);

ALTER TABLE public.experiments_override ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.experiments_override_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.experiments_policydecision (
    id bigint NOT NULL,
    policy character varying(40) NOT NULL,
    version character varying(60) NOT NULL,
    key character varying(120) NOT NULL,
    segment character varying(80) NOT NULL,
    action character varying(80) NOT NULL,
    how character varying(8) NOT NULL,
    candidates jsonb NOT NULL,
    chosen character varying(40) NOT NULL,
    propensity double precision NOT NULL,
    floor double precision NOT NULL,
    seed bigint NOT NULL,
    context_hash character varying(64) NOT NULL,
    reason character varying(250) NOT NULL,
    at timestamp with time zone NOT NULL,
    window_until timestamp with time zone NOT NULL,
    settled_at timestamp with time zone,
    success boolean,
    success_at timestamp with time zone,
    reward double precision,
    account_id bigint NOT NULL,
    contact_id bigint,
    CONSTRAINT propensity_is_a_chance CHECK (((propensity > (0.0)::double precision) AND (propensity <= (1.0)::double precision))),
    CONSTRAINT settled_has_an_outcome CHECK ((((reward IS NULL) AND (settled_at IS NULL) AND (success IS NULL)) OR ((reward IS NOT NULL) AND (settled_at IS NOT NULL) AND (success IS NOT NULL))))
);

ALTER TABLE public.experiments_policydecision ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.experiments_policydecision_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.experiments_segmentrhythm (
    id bigint NOT NULL,
    segment character varying(60) NOT NULL,
    hours jsonb NOT NULL,
    people integer NOT NULL,
    events integer NOT NULL,
    as_of timestamp with time zone NOT NULL,
    CONSTRAINT experiments_segmentrhythm_events_check CHECK ((events >= 0)),
    CONSTRAINT experiments_segmentrhythm_people_check CHECK ((people >= 0)),
    CONSTRAINT rhythm_has_events CHECK ((events > 0))
);

ALTER TABLE public.experiments_segmentrhythm ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.experiments_segmentrhythm_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.health_accounthealth (
    id bigint NOT NULL,
    score numeric(5,2),
    band character varying(8) DEFAULT 'unknown'::character varying NOT NULL,
    coverage smallint DEFAULT 0 NOT NULL,
    momentum numeric(5,1),
    before numeric(5,2),
    pulse numeric(5,2),
    pulse_gap numeric(5,2),
    parts jsonb DEFAULT '[]'::jsonb NOT NULL,
    as_of timestamp with time zone,
    stale_since timestamp with time zone,
    account_id bigint NOT NULL,
    stale_cause_id bigint,
    model_id bigint,
    latest_id bigint,
    CONSTRAINT health_accounthealth_coverage_check CHECK ((coverage >= 0))
);

ALTER TABLE public.health_accounthealth ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.health_accounthealth_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.health_feed (
    name character varying(20) NOT NULL,
    value integer NOT NULL,
    since timestamp with time zone NOT NULL,
    CONSTRAINT health_feed_value_check CHECK ((value >= 0))
);

CREATE TABLE public.health_healthmodel (
    id bigint NOT NULL,
    name character varying(60) NOT NULL,
    number integer NOT NULL,
    state character varying(10) NOT NULL,
    whom_field character varying(10) NOT NULL,
    whom_value character varying(120) NOT NULL,
    tree jsonb NOT NULL,
    note character varying(300) NOT NULL,
    backtest jsonb NOT NULL,
    backtest_asked_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    created_by character varying(120) NOT NULL,
    published_at timestamp with time zone,
    published_by character varying(120) NOT NULL,
    retired_at timestamp with time zone,
    CONSTRAINT health_healthmodel_number_check CHECK ((number >= 0)),
    CONSTRAINT health_whom_whole_or_none CHECK (((((whom_field)::text = ''::text) AND ((whom_value)::text = ''::text)) OR ((NOT ((whom_field)::text = ''::text)) AND (NOT ((whom_value)::text = ''::text))))),
    CONSTRAINT published_health_has_a_time CHECK ((((state)::text = 'draft'::text) OR (published_at IS NOT NULL)))
);

ALTER TABLE public.health_healthmodel ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.health_healthmodel_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.health_healthscore (
    id bigint NOT NULL,
    as_of timestamp with time zone NOT NULL,
    score numeric(5,2),
    band character varying(8) NOT NULL,
    coverage smallint NOT NULL,
    parts jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    cause_id bigint,
    model_id bigint NOT NULL,
    CONSTRAINT health_coverage_per_cent CHECK (((coverage >= 0) AND (coverage <= 100))),
    CONSTRAINT health_healthscore_coverage_check CHECK ((coverage >= 0)),
    CONSTRAINT health_zero_to_hundred CHECK (((score IS NULL) OR ((score >= (0)::numeric) AND (score <= (100)::numeric))))
);

ALTER TABLE public.health_healthscore ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.health_healthscore_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.integrations_apicall (
    id bigint NOT NULL,
    caller character varying(120) NOT NULL,
    key character varying(255) NOT NULL,
    fingerprint character varying(64) NOT NULL,
    status smallint,
    body text NOT NULL,
    headers jsonb NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT integrations_apicall_status_check CHECK ((status >= 0))
);

ALTER TABLE public.integrations_apicall ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.integrations_apicall_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.integrations_apikey (
    id bigint NOT NULL,
    name character varying(60) NOT NULL,
    scopes character varying(40)[] NOT NULL,
    prefix character varying(8) NOT NULL,
    secret_hash character varying(64) NOT NULL,
    old_prefix character varying(8) NOT NULL,
    old_hash character varying(64) NOT NULL,
    old_until timestamp with time zone,
    requests_per_minute integer NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    last_used_at timestamp with time zone,
    owner_id bigint,
    CONSTRAINT integrations_apikey_requests_per_minute_check CHECK ((requests_per_minute >= 0)),
    CONSTRAINT old_secret_has_an_end CHECK (((((old_prefix)::text = ''::text) AND (old_until IS NULL)) OR (old_until IS NOT NULL)))
);

ALTER TABLE public.integrations_apikey ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.integrations_apikey_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.integrations_rejection (
    id bigint NOT NULL,
    received_at timestamp with time zone NOT NULL,
    message_id character varying(100) NOT NULL,
    field character varying(80) NOT NULL,
    reason character varying(250) NOT NULL,
    raw jsonb NOT NULL,
    waits_for character varying(120) NOT NULL,
    replayed_at timestamp with time zone,
    source_id bigint NOT NULL
);

ALTER TABLE public.integrations_rejection ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.integrations_rejection_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.integrations_source (
    id bigint NOT NULL,
    name character varying(60) NOT NULL,
    key_start character varying(20) NOT NULL,
    key_hash character varying(64) NOT NULL,
    is_open boolean NOT NULL,
    requests_per_minute integer NOT NULL,
    created_at timestamp with time zone NOT NULL,
    last_used_at timestamp with time zone,
    CONSTRAINT integrations_source_requests_per_minute_check CHECK ((requests_per_minute >= 0))
);

ALTER TABLE public.integrations_source ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.integrations_source_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.integrations_webhook (
    id bigint NOT NULL,
    url character varying(500) NOT NULL,
    description character varying(120) NOT NULL,
    events character varying(60)[] NOT NULL,
    bands character varying(10)[] NOT NULL,
    definitions character varying(60)[] NOT NULL,
    is_active boolean NOT NULL,
    off_reason character varying(250) NOT NULL,
    salt character varying(40) NOT NULL,
    secret_hash character varying(64) NOT NULL,
    old_salt character varying(40) NOT NULL,
    old_hash character varying(64) NOT NULL,
    old_until timestamp with time zone,
    failures integer NOT NULL,
    failing_since timestamp with time zone,
    rest_until timestamp with time zone,
    last_ok_at timestamp with time zone,
    version integer NOT NULL,
    created_at timestamp with time zone NOT NULL,
    created_by character varying(120) NOT NULL,
    segments character varying(40)[] NOT NULL,
    CONSTRAINT integrations_webhook_failures_check CHECK ((failures >= 0)),
    CONSTRAINT integrations_webhook_version_check CHECK ((version >= 0)),
    CONSTRAINT old_signature_has_an_end CHECK (((((old_salt)::text = ''::text) AND (old_until IS NULL)) OR (old_until IS NOT NULL))),
    CONSTRAINT webhook_wants_something CHECK ((
CASE
    WHEN (events IS NULL) THEN NULL::integer
    ELSE COALESCE(array_length(events, 1), 0)
END > 0))
);

ALTER TABLE public.integrations_webhook ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.integrations_webhook_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.integrations_webhookdelivery (
    id bigint NOT NULL,
    message_id character varying(40) NOT NULL,
    type character varying(60) NOT NULL,
    data jsonb NOT NULL,
    happened_at timestamp with time zone NOT NULL,
    state character varying(10) NOT NULL,
    tries smallint NOT NULL,
    attempt integer NOT NULL,
    due_at timestamp with time zone NOT NULL,
    queued_at timestamp with time zone NOT NULL,
    lease_until timestamp with time zone,
    tried_at timestamp with time zone,
    done_at timestamp with time zone,
    status smallint,
    answer character varying(250) NOT NULL,
    seconds double precision,
    account_id bigint,
    event_id bigint,
    webhook_id bigint NOT NULL,
    CONSTRAINT integrations_webhookdelivery_attempt_check CHECK ((attempt >= 0)),
    CONSTRAINT integrations_webhookdelivery_status_check CHECK ((status >= 0)),
    CONSTRAINT integrations_webhookdelivery_tries_check CHECK ((tries >= 0))
);

ALTER TABLE public.integrations_webhookdelivery ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.integrations_webhookdelivery_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.interventions_enrolment (
    id bigint NOT NULL,
    arm character varying(10) NOT NULL,
    "position" smallint NOT NULL,
    state character varying(10) NOT NULL,
    due_at timestamp with time zone NOT NULL,
    entered_at timestamp with time zone NOT NULL,
    window_ends_at timestamp with time zone NOT NULL,
    baseline double precision NOT NULL,
    goal_met_at timestamp with time zone,
    replied_at timestamp with time zone,
    exit_reason character varying(10) NOT NULL,
    ended_at timestamp with time zone,
    account_id bigint NOT NULL,
    cause_id bigint,
    contact_id bigint,
    prediction_id bigint,
    play_id bigint NOT NULL,
    exclusive boolean DEFAULT true NOT NULL,
    paused boolean DEFAULT false NOT NULL,
    trigger_key character varying(160) DEFAULT ''::character varying NOT NULL,
    waits_for character varying(140) DEFAULT ''::character varying NOT NULL,
    version_id bigint NOT NULL,
    judged_at timestamp with time zone,
    CONSTRAINT ended_needs_reason CHECK (((((state)::text = 'ended'::text) OR ((exit_reason)::text = ''::text)) AND (1 = (
CASE
    WHEN ((state)::text = 'ended'::text) THEN 1
    ELSE 0
END +
CASE
    WHEN ((exit_reason)::text = ''::text) THEN 1
    ELSE 0
END)))),
    CONSTRAINT interventions_enrolment_position_check CHECK (("position" >= 0))
);

ALTER TABLE public.interventions_enrolment ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.interventions_enrolment_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.interventions_escalation (
    id bigint NOT NULL,
    levels jsonb NOT NULL,
    repeat smallint NOT NULL,
    large boolean NOT NULL,
    silence character varying(10) NOT NULL,
    state character varying(14) NOT NULL,
    started_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    ended_by character varying(120) NOT NULL,
    cause_id bigint,
    task_id bigint NOT NULL,
    ladder_id bigint NOT NULL,
    CONSTRAINT ended_escalation_has_a_time CHECK ((((state)::text = 'running'::text) OR (ended_at IS NOT NULL))),
    CONSTRAINT interventions_escalation_repeat_check CHECK ((repeat >= 0))
);

ALTER TABLE public.interventions_escalation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.interventions_escalation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.interventions_escalationstep (
    id bigint NOT NULL,
    "position" smallint NOT NULL,
    level character varying(8) NOT NULL,
    due_at timestamp with time zone NOT NULL,
    done_at timestamp with time zone,
    what character varying(250) NOT NULL,
    escalation_id bigint NOT NULL,
    person_id bigint,
    CONSTRAINT interventions_escalationstep_position_check CHECK (("position" >= 0))
);

ALTER TABLE public.interventions_escalationstep ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.interventions_escalationstep_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.interventions_fit (
    id bigint NOT NULL,
    since timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    play_id bigint NOT NULL
);

ALTER TABLE public.interventions_fit ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.interventions_fit_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.interventions_holiday (
    id bigint NOT NULL,
    day date NOT NULL,
    name character varying(80) NOT NULL,
    team_id bigint
);

ALTER TABLE public.interventions_holiday ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.interventions_holiday_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.interventions_ladder (
    id bigint NOT NULL,
    number integer NOT NULL,
    levels jsonb NOT NULL,
    large_arr numeric(14,2) NOT NULL,
    repeat smallint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    created_by character varying(120) NOT NULL,
    head_id bigint,
    CONSTRAINT interventions_ladder_number_check CHECK ((number >= 0)),
    CONSTRAINT interventions_ladder_repeat_check CHECK ((repeat >= 0)),
    CONSTRAINT ladder_repeats_at_most_twice CHECK ((repeat <= 2))
);

ALTER TABLE public.interventions_ladder ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.interventions_ladder_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.interventions_passedover (
    id bigint NOT NULL,
    reason character varying(10) NOT NULL,
    "on" date NOT NULL,
    at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    cause_id bigint,
    play_id bigint NOT NULL
);

ALTER TABLE public.interventions_passedover ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.interventions_passedover_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.interventions_play (
    id bigint NOT NULL,
    key character varying(60) NOT NULL,
    name character varying(120) NOT NULL,
    why text NOT NULL,
    state character varying(10) NOT NULL,
    starts_on character varying(140) DEFAULT ''::character varying NOT NULL,
    current_id bigint,
    looked_at timestamp with time zone
);

ALTER TABLE public.interventions_play ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.interventions_play_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.interventions_playversion (
    id bigint NOT NULL,
    number integer NOT NULL,
    definition jsonb NOT NULL,
    tests jsonb NOT NULL,
    note character varying(250) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    created_by character varying(120) NOT NULL,
    play_id bigint NOT NULL,
    CONSTRAINT interventions_playversion_number_check CHECK ((number >= 0))
);

ALTER TABLE public.interventions_playversion ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.interventions_playversion_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.interventions_rehearsal (
    id bigint NOT NULL,
    definition jsonb NOT NULL,
    state character varying(10) NOT NULL,
    asked_by character varying(120) NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    since timestamp with time zone NOT NULL,
    until timestamp with time zone NOT NULL,
    done integer NOT NULL,
    total integer NOT NULL,
    attempts smallint NOT NULL,
    cancel_asked boolean NOT NULL,
    beat_at timestamp with time zone,
    ended_at timestamp with time zone,
    result jsonb NOT NULL,
    error text NOT NULL,
    play_id bigint NOT NULL,
    CONSTRAINT interventions_rehearsal_attempts_check CHECK ((attempts >= 0)),
    CONSTRAINT interventions_rehearsal_done_check CHECK ((done >= 0)),
    CONSTRAINT interventions_rehearsal_total_check CHECK ((total >= 0)),
    CONSTRAINT rehearsal_has_days CHECK ((since < until))
);

ALTER TABLE public.interventions_rehearsal ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.interventions_rehearsal_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.interventions_steprecord (
    id bigint NOT NULL,
    "position" smallint NOT NULL,
    kind character varying(10) NOT NULL,
    at timestamp with time zone NOT NULL,
    what character varying(250) NOT NULL,
    enrolment_id bigint NOT NULL,
    message_id bigint,
    because character varying(250) DEFAULT ''::character varying NOT NULL,
    step character varying(40) NOT NULL,
    went character varying(40) DEFAULT ''::character varying NOT NULL,
    decision_id bigint,
    CONSTRAINT interventions_steprecord_position_check CHECK (("position" >= 0))
);

ALTER TABLE public.interventions_steprecord ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.interventions_steprecord_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.interventions_task (
    id bigint NOT NULL,
    title character varying(200) NOT NULL,
    why text NOT NULL,
    minutes smallint NOT NULL,
    state character varying(10) NOT NULL,
    dedup_key character varying(200) NOT NULL,
    due_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    closed_by character varying(120) NOT NULL,
    outcome character varying(250) NOT NULL,
    account_id bigint NOT NULL,
    cause_id bigint,
    enrolment_id bigint,
    owner_id bigint,
    acknowledged_at timestamp with time zone,
    acknowledged_by character varying(120) NOT NULL,
    chance double precision,
    evidence jsonb NOT NULL,
    level character varying(8) NOT NULL,
    name character varying(80) NOT NULL,
    priority character varying(8) NOT NULL,
    reason character varying(60) NOT NULL,
    result character varying(10) NOT NULL,
    snooze_reason character varying(200) NOT NULL,
    snoozed_until timestamp with time zone,
    type character varying(10) NOT NULL,
    CONSTRAINT interventions_task_minutes_check CHECK ((minutes >= 0)),
    CONSTRAINT snooze_needs_reason CHECK (((snoozed_until IS NULL) OR (NOT ((snooze_reason)::text = ''::text)))),
    CONSTRAINT task_chance_zero_to_one CHECK (((chance IS NULL) OR ((chance >= (0.0)::double precision) AND (chance <= (1.0)::double precision))))
);

ALTER TABLE public.interventions_task ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.interventions_task_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.interventions_taskassignee (
    id bigint NOT NULL,
    level character varying(8) NOT NULL,
    why character varying(250) NOT NULL,
    at timestamp with time zone NOT NULL,
    task_id bigint NOT NULL,
    user_id bigint NOT NULL
);

ALTER TABLE public.interventions_taskassignee ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.interventions_taskassignee_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.interventions_tasksource (
    id bigint NOT NULL,
    kind character varying(10) NOT NULL,
    key character varying(120) NOT NULL,
    words character varying(250) NOT NULL,
    times integer NOT NULL,
    first_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL,
    withdrawn_at timestamp with time zone,
    cause_id bigint,
    enrolment_id bigint,
    task_id bigint NOT NULL,
    CONSTRAINT interventions_tasksource_times_check CHECK ((times >= 0)),
    CONSTRAINT task_source_in_order CHECK ((last_at >= first_at))
);

ALTER TABLE public.interventions_tasksource ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.interventions_tasksource_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.interventions_workingtime (
    id bigint NOT NULL,
    days smallint[] NOT NULL,
    begins time without time zone NOT NULL,
    ends time without time zone NOT NULL,
    capacity_minutes smallint NOT NULL,
    user_id bigint NOT NULL,
    region character varying(12) NOT NULL,
    CONSTRAINT capacity_at_most_a_long_day CHECK ((capacity_minutes <= 960)),
    CONSTRAINT interventions_workingtime_capacity_minutes_check CHECK ((capacity_minutes >= 0)),
    CONSTRAINT working_day_has_a_length CHECK ((begins < ends)),
    CONSTRAINT working_week_has_a_day CHECK ((
CASE
    WHEN (days IS NULL) THEN NULL::integer
    ELSE COALESCE(array_length(days, 1), 0)
END >= 1))
);

ALTER TABLE public.interventions_workingtime ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.interventions_workingtime_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.messaging_consent (
    id bigint NOT NULL,
    channel character varying(12) NOT NULL,
    topic character varying(40) NOT NULL,
    allowed boolean NOT NULL,
    source character varying(120) NOT NULL,
    at timestamp with time zone NOT NULL,
    contact_id bigint NOT NULL,
    actor character varying(80) DEFAULT ''::character varying NOT NULL,
    wording character varying(500) DEFAULT ''::character varying NOT NULL
);

ALTER TABLE public.messaging_consent ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.messaging_consent_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.messaging_contactpolicy (
    id bigint NOT NULL,
    version integer NOT NULL,
    caps jsonb NOT NULL,
    hours jsonb NOT NULL,
    when_capped character varying(8) NOT NULL,
    currency character varying(3) NOT NULL,
    budgets jsonb NOT NULL,
    prices jsonb NOT NULL,
    digest_lanes jsonb NOT NULL,
    digest_minutes integer NOT NULL,
    confirmed_topics jsonb NOT NULL,
    note character varying(250) NOT NULL,
    actor character varying(80) NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT messaging_contactpolicy_digest_minutes_check CHECK ((digest_minutes >= 0)),
    CONSTRAINT messaging_contactpolicy_version_check CHECK ((version >= 0))
);

ALTER TABLE public.messaging_contactpolicy ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.messaging_contactpolicy_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.messaging_decision (
    id bigint NOT NULL,
    state character varying(10) NOT NULL,
    reason character varying(250) NOT NULL,
    provider character varying(20) NOT NULL,
    attempt smallint NOT NULL,
    due_at timestamp with time zone,
    actor character varying(120) NOT NULL,
    at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL,
    times integer NOT NULL,
    account_id bigint NOT NULL,
    message_id bigint NOT NULL,
    CONSTRAINT messaging_decision_attempt_check CHECK ((attempt >= 0)),
    CONSTRAINT messaging_decision_times_check CHECK ((times >= 0))
);

ALTER TABLE public.messaging_decision ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.messaging_decision_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.messaging_digest (
    id bigint NOT NULL,
    channel character varying(12) NOT NULL,
    key character varying(125) NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    closes_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    contact_id bigint NOT NULL
);

ALTER TABLE public.messaging_digest ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.messaging_digest_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.messaging_hold (
    id bigint NOT NULL,
    source character varying(60) NOT NULL,
    series character varying(60) NOT NULL,
    reason character varying(200) NOT NULL,
    since timestamp with time zone NOT NULL,
    account_id bigint,
    CONSTRAINT hold_of_account_or_series CHECK ((((account_id IS NULL) OR ((series)::text = ''::text)) AND (1 = (
CASE
    WHEN (account_id IS NULL) THEN 1
    ELSE 0
END +
CASE
    WHEN ((series)::text = ''::text) THEN 1
    ELSE 0
END))))
);

ALTER TABLE public.messaging_hold ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.messaging_hold_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.messaging_message (
    id bigint NOT NULL,
    channel character varying(12) NOT NULL,
    lane character varying(14) NOT NULL,
    lane_rank smallint NOT NULL,
    topic character varying(40) NOT NULL,
    address character varying(254) NOT NULL,
    subject character varying(250) NOT NULL,
    body text NOT NULL,
    idem_key character varying(200) NOT NULL,
    state character varying(10) NOT NULL,
    reason character varying(250) NOT NULL,
    due_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    owner character varying(80) NOT NULL,
    lease_until timestamp with time zone,
    attempt smallint NOT NULL,
    claimed_at timestamp with time zone,
    sent_at timestamp with time zone,
    read_at timestamp with time zone,
    replied_at timestamp with time zone,
    reply text NOT NULL,
    provider_message_id character varying(250) NOT NULL,
    reply_token character varying(40) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    cause_id bigint,
    contact_id bigint NOT NULL,
    template_id bigint,
    content_variables jsonb DEFAULT '{}'::jsonb NOT NULL,
    delivered_at timestamp with time zone,
    parts smallint,
    provider character varying(20) DEFAULT ''::character varying NOT NULL,
    locale character varying(12) DEFAULT ''::character varying NOT NULL,
    approved_at timestamp with time zone,
    approved_by character varying(80) DEFAULT ''::character varying NOT NULL,
    approver_id bigint,
    cost_actual numeric(12,5),
    cost_estimate numeric(12,5),
    currency character varying(3) DEFAULT ''::character varying NOT NULL,
    priced_at timestamp with time zone,
    digest_id bigint,
    forgiven smallint DEFAULT 0 NOT NULL,
    promotion boolean DEFAULT false NOT NULL,
    series character varying(60) DEFAULT ''::character varying NOT NULL,
    guest character varying(80) DEFAULT ''::character varying NOT NULL,
    CONSTRAINT messaging_message_attempt_check CHECK ((attempt >= 0)),
    CONSTRAINT messaging_message_forgiven_check CHECK ((forgiven >= 0)),
    CONSTRAINT messaging_message_lane_rank_check CHECK ((lane_rank >= 0)),
    CONSTRAINT messaging_message_parts_check CHECK ((parts >= 0))
);

ALTER TABLE public.messaging_message ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.messaging_message_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.messaging_messageattempt (
    id bigint NOT NULL,
    number smallint NOT NULL,
    owner character varying(80) NOT NULL,
    started_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    outcome character varying(10) NOT NULL,
    code character varying(40) NOT NULL,
    detail text NOT NULL,
    message_id bigint NOT NULL,
    provider character varying(20) DEFAULT ''::character varying NOT NULL,
    CONSTRAINT messaging_messageattempt_number_check CHECK ((number >= 0))
);

ALTER TABLE public.messaging_messageattempt ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.messaging_messageattempt_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.messaging_providerevent (
    id bigint NOT NULL,
    provider character varying(20) NOT NULL,
    event_id character varying(200) NOT NULL,
    kind character varying(10) NOT NULL,
    told character varying(10) NOT NULL,
    detail character varying(250) NOT NULL,
    raw jsonb NOT NULL,
    received_at timestamp with time zone NOT NULL,
    contact_id bigint,
    message_id bigint,
    channel character varying(12) DEFAULT ''::character varying NOT NULL
);

ALTER TABLE public.messaging_providerevent ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.messaging_providerevent_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.messaging_providerhealth (
    id bigint NOT NULL,
    provider character varying(20) NOT NULL,
    failures integer NOT NULL,
    rests_until timestamp with time zone,
    last_trouble character varying(250) NOT NULL,
    last_trouble_at timestamp with time zone,
    refused_calls integer NOT NULL,
    last_call_at timestamp with time zone,
    silent_since timestamp with time zone,
    CONSTRAINT messaging_providerhealth_failures_check CHECK ((failures >= 0)),
    CONSTRAINT messaging_providerhealth_refused_calls_check CHECK ((refused_calls >= 0))
);

ALTER TABLE public.messaging_providerhealth ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.messaging_providerhealth_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.messaging_pushsubscription (
    id bigint NOT NULL,
    endpoint character varying(500) NOT NULL,
    p256dh character varying(120) NOT NULL,
    auth character varying(60) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    contact_id bigint NOT NULL
);

ALTER TABLE public.messaging_pushsubscription ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.messaging_pushsubscription_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.messaging_suppression (
    id bigint NOT NULL,
    channel character varying(12) NOT NULL,
    address character varying(254) NOT NULL,
    reason character varying(120) NOT NULL,
    at timestamp with time zone NOT NULL,
    actor character varying(80) DEFAULT ''::character varying NOT NULL
);

ALTER TABLE public.messaging_suppression ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.messaging_suppression_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.messaging_template (
    id bigint NOT NULL,
    key character varying(80) NOT NULL,
    channel character varying(12) NOT NULL,
    version integer NOT NULL,
    subject character varying(200) NOT NULL,
    body text NOT NULL,
    topic character varying(40) NOT NULL,
    content_sid character varying(40) DEFAULT ''::character varying NOT NULL,
    content_variables jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone,
    created_by character varying(80) DEFAULT ''::character varying NOT NULL,
    examples jsonb DEFAULT '{}'::jsonb NOT NULL,
    locale character varying(12) DEFAULT 'en'::character varying NOT NULL,
    CONSTRAINT messaging_template_version_check CHECK ((version >= 0))
);

ALTER TABLE public.messaging_template ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.messaging_template_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.metrics_accounttally (
    account_id bigint NOT NULL,
    owner_id bigint DEFAULT 0 NOT NULL,
    cells jsonb DEFAULT '{}'::jsonb NOT NULL,
    holds jsonb DEFAULT '{}'::jsonb NOT NULL,
    wakes_on date,
    as_of timestamp with time zone,
    stale_since timestamp with time zone,
    stale_cause_id bigint
);

CREATE TABLE public.metrics_daytally (
    id bigint NOT NULL,
    measure character varying(40) NOT NULL,
    dimension character varying(12) NOT NULL,
    value character varying(80) NOT NULL,
    owner_id bigint NOT NULL,
    currency character varying(3) NOT NULL,
    day date NOT NULL,
    amount numeric(38,6) NOT NULL,
    told_back boolean NOT NULL
);

ALTER TABLE public.metrics_daytally ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.metrics_daytally_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.metrics_hourtally (
    id bigint NOT NULL,
    measure character varying(40) NOT NULL,
    owner_id bigint NOT NULL,
    day date NOT NULL,
    hour smallint NOT NULL,
    amount bigint NOT NULL,
    CONSTRAINT hour_of_a_day CHECK (((hour >= '-1'::integer) AND (hour <= 23)))
);

ALTER TABLE public.metrics_hourtally ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.metrics_hourtally_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.metrics_moved (
    measure character varying(40) NOT NULL,
    since timestamp with time zone NOT NULL
);

CREATE TABLE public.metrics_reckoned (
    id bigint NOT NULL,
    key character varying(60) NOT NULL,
    day date NOT NULL,
    at timestamp with time zone NOT NULL,
    value double precision,
    of bigint,
    low double precision,
    high double precision,
    words character varying(500) NOT NULL
);

ALTER TABLE public.metrics_reckoned ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.metrics_reckoned_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.metrics_recount (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    accounts integer NOT NULL,
    differing integer NOT NULL,
    examples jsonb NOT NULL,
    tallies integer NOT NULL,
    days integer NOT NULL,
    seconds double precision NOT NULL,
    CONSTRAINT metrics_recount_accounts_check CHECK ((accounts >= 0)),
    CONSTRAINT metrics_recount_days_check CHECK ((days >= 0)),
    CONSTRAINT metrics_recount_differing_check CHECK ((differing >= 0)),
    CONSTRAINT metrics_recount_tallies_check CHECK ((tallies >= 0))
);

ALTER TABLE public.metrics_recount ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.metrics_recount_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.metrics_tally (
    id bigint NOT NULL,
    measure character varying(40) NOT NULL,
    dimension character varying(12) NOT NULL,
    value character varying(80) NOT NULL,
    owner_id bigint NOT NULL,
    currency character varying(3) NOT NULL,
    amount numeric(38,6) NOT NULL
);

ALTER TABLE public.metrics_tally ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.metrics_tally_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.metrics_toldday (
    id bigint NOT NULL,
    measure character varying(40) NOT NULL,
    day date NOT NULL,
    owners boolean NOT NULL
);

ALTER TABLE public.metrics_toldday ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.metrics_toldday_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.milestones_accountability (
    id bigint NOT NULL,
    mean double precision NOT NULL,
    variance double precision NOT NULL,
    outcomes integer NOT NULL,
    successes integer NOT NULL,
    as_written boolean NOT NULL,
    at_risk boolean NOT NULL,
    as_of timestamp with time zone,
    account_id bigint NOT NULL,
    CONSTRAINT ability_counts_fit CHECK ((successes <= outcomes)),
    CONSTRAINT ability_is_uncertain CHECK ((variance > (0.0)::double precision)),
    CONSTRAINT milestones_accountability_outcomes_check CHECK ((outcomes >= 0)),
    CONSTRAINT milestones_accountability_successes_check CHECK ((successes >= 0))
);

ALTER TABLE public.milestones_accountability ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.milestones_accountability_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.milestones_badge (
    id bigint NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    key character varying(40) NOT NULL,
    name character varying(80) NOT NULL,
    words jsonb NOT NULL,
    given_for character varying(10) NOT NULL,
    at_least integer NOT NULL,
    tier character varying(40) NOT NULL,
    live boolean NOT NULL,
    milestone_id bigint,
    CONSTRAINT badge_names_its_milestone CHECK (((NOT ((given_for)::text = 'milestone'::text)) OR (milestone_id IS NOT NULL))),
    CONSTRAINT badge_names_its_tier CHECK (((NOT ((given_for)::text = 'tier'::text)) OR (NOT ((tier)::text = ''::text)))),
    CONSTRAINT milestones_badge_at_least_check CHECK ((at_least >= 0)),
    CONSTRAINT milestones_badge_version_check CHECK ((version >= 0))
);

ALTER TABLE public.milestones_badge ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.milestones_badge_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.milestones_badgeaward (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    badge_id bigint NOT NULL
);

ALTER TABLE public.milestones_badgeaward ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.milestones_badgeaward_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.milestones_board (
    id bigint NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    key character varying(60) NOT NULL,
    name character varying(120) NOT NULL,
    circle character varying(8) NOT NULL,
    cohort character varying(10) NOT NULL,
    days smallint NOT NULL,
    "least" smallint NOT NULL,
    salt character varying(40) NOT NULL,
    live boolean NOT NULL,
    CONSTRAINT board_has_a_circle CHECK ((NOT ((circle)::text = 'none'::text))),
    CONSTRAINT board_is_no_duel CHECK (("least" >= 3)),
    CONSTRAINT milestones_board_days_check CHECK ((days >= 0)),
    CONSTRAINT milestones_board_least_check CHECK (("least" >= 0)),
    CONSTRAINT milestones_board_version_check CHECK ((version >= 0))
);

ALTER TABLE public.milestones_board ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.milestones_board_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.milestones_boardplace (
    id bigint NOT NULL,
    "group" character varying(120) NOT NULL,
    points numeric(14,2) NOT NULL,
    as_of timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    board_id bigint NOT NULL,
    contact_id bigint NOT NULL
);

ALTER TABLE public.milestones_boardplace ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.milestones_boardplace_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.milestones_catalogueitem (
    id bigint NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    key character varying(60) NOT NULL,
    name character varying(120) NOT NULL,
    words jsonb NOT NULL,
    unit character varying(8) NOT NULL,
    currency character varying(40) NOT NULL,
    cost numeric(12,2) NOT NULL,
    stock integer,
    tier character varying(40) NOT NULL,
    needs_approval boolean NOT NULL,
    state character varying(10) NOT NULL,
    CONSTRAINT item_costs_something CHECK ((cost > (0)::numeric)),
    CONSTRAINT milestones_catalogueitem_stock_check CHECK ((stock >= 0)),
    CONSTRAINT milestones_catalogueitem_version_check CHECK ((version >= 0)),
    CONSTRAINT never_oversold CHECK (((stock IS NULL) OR (stock >= 0)))
);

ALTER TABLE public.milestones_catalogueitem ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.milestones_catalogueitem_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.milestones_claim (
    id bigint NOT NULL,
    kind character varying(10) NOT NULL,
    source character varying(60) NOT NULL,
    key character varying(120) NOT NULL,
    denies boolean NOT NULL,
    at timestamp with time zone NOT NULL,
    proof character varying(500) NOT NULL,
    actor character varying(120) NOT NULL,
    made_at timestamp with time zone NOT NULL,
    withdrawn_at timestamp with time zone,
    withdrawn_why character varying(250) NOT NULL,
    account_id bigint NOT NULL,
    milestone_id bigint NOT NULL,
    CONSTRAINT manual_claim_has_proof CHECK (((NOT ((kind)::text = 'manual'::text)) OR denies OR (NOT ((proof)::text = ''::text))))
);

ALTER TABLE public.milestones_claim ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.milestones_claim_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.milestones_difficultychoice (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    variant character varying(40) NOT NULL,
    factor double precision NOT NULL,
    target double precision NOT NULL,
    chance_before double precision NOT NULL,
    chance double precision NOT NULL,
    reason character varying(16) NOT NULL,
    struggles boolean NOT NULL,
    candidates jsonb NOT NULL,
    beliefs jsonb NOT NULL,
    reached boolean,
    ended_at timestamp with time zone,
    due_at timestamp with time zone,
    void boolean NOT NULL,
    learned_at timestamp with time zone,
    account_id bigint NOT NULL,
    milestone_id bigint NOT NULL,
    progress_id bigint NOT NULL,
    version_id bigint NOT NULL,
    CONSTRAINT factor_within_30_percent CHECK (((factor >= (0.7)::double precision) AND (factor <= (1.3)::double precision))),
    CONSTRAINT outcome_has_a_moment CHECK ((((due_at IS NULL) AND (ended_at IS NULL) AND (learned_at IS NULL) AND (reached IS NULL)) OR ((due_at IS NOT NULL) AND (ended_at IS NOT NULL) AND (reached IS NOT NULL))))
);

ALTER TABLE public.milestones_difficultychoice ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.milestones_difficultychoice_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.milestones_held (
    id bigint NOT NULL,
    what character varying(200) NOT NULL,
    since timestamp with time zone NOT NULL,
    account_id bigint NOT NULL
);

ALTER TABLE public.milestones_held ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.milestones_held_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.milestones_milestone (
    id bigint NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    key character varying(60) NOT NULL,
    name character varying(120) NOT NULL,
    "position" smallint NOT NULL,
    state character varying(10) NOT NULL,
    visible boolean NOT NULL,
    current_id bigint,
    live_at timestamp with time zone,
    CONSTRAINT milestones_milestone_position_check CHECK (("position" >= 0)),
    CONSTRAINT milestones_milestone_version_check CHECK ((version >= 0))
);

ALTER TABLE public.milestones_milestone ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.milestones_milestone_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.milestones_milestonedifficulty (
    id bigint NOT NULL,
    variant character varying(40) NOT NULL,
    mean double precision NOT NULL,
    variance double precision NOT NULL,
    outcomes integer NOT NULL,
    successes integer NOT NULL,
    version_number integer NOT NULL,
    as_of timestamp with time zone NOT NULL,
    milestone_id bigint NOT NULL,
    CONSTRAINT difficulty_counts_fit CHECK ((successes <= outcomes)),
    CONSTRAINT difficulty_is_uncertain CHECK ((variance > (0.0)::double precision)),
    CONSTRAINT milestones_milestonedifficulty_outcomes_check CHECK ((outcomes >= 0)),
    CONSTRAINT milestones_milestonedifficulty_successes_check CHECK ((successes >= 0)),
    CONSTRAINT milestones_milestonedifficulty_version_number_check CHECK ((version_number >= 0))
);

ALTER TABLE public.milestones_milestonedifficulty ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.milestones_milestonedifficulty_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.milestones_milestonevalue (
    id bigint NOT NULL,
    points double precision NOT NULL,
    low double precision NOT NULL,
    high double precision NOT NULL,
    shrunk double precision NOT NULL,
    reached integer NOT NULL,
    usual_week smallint NOT NULL,
    milestone_id bigint NOT NULL,
    reading_id bigint NOT NULL,
    CONSTRAINT milestones_milestonevalue_reached_check CHECK ((reached >= 0)),
    CONSTRAINT milestones_milestonevalue_usual_week_check CHECK ((usual_week >= 0)),
    CONSTRAINT value_within_its_interval CHECK (((high >= points) AND (low <= points)))
);

ALTER TABLE public.milestones_milestonevalue ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.milestones_milestonevalue_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.milestones_milestoneversion (
    id bigint NOT NULL,
    number integer NOT NULL,
    definition jsonb NOT NULL,
    note character varying(250) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    created_by character varying(120) NOT NULL,
    milestone_id bigint NOT NULL,
    CONSTRAINT milestones_milestoneversion_number_check CHECK ((number >= 0))
);

ALTER TABLE public.milestones_milestoneversion ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.milestones_milestoneversion_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.milestones_need (
    id bigint NOT NULL,
    milestone_id bigint NOT NULL,
    needed_id bigint NOT NULL,
    CONSTRAINT nothing_needs_itself CHECK ((NOT (milestone_id = needed_id)))
);

ALTER TABLE public.milestones_need ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.milestones_need_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.milestones_orderreading (
    id bigint NOT NULL,
    as_of timestamp with time zone NOT NULL,
    accounts integer NOT NULL,
    stayed integer NOT NULL,
    early_days smallint NOT NULL,
    stay_days smallint NOT NULL,
    refused character varying(250) NOT NULL,
    CONSTRAINT milestones_orderreading_accounts_check CHECK ((accounts >= 0)),
    CONSTRAINT milestones_orderreading_early_days_check CHECK ((early_days >= 0)),
    CONSTRAINT milestones_orderreading_stay_days_check CHECK ((stay_days >= 0)),
    CONSTRAINT milestones_orderreading_stayed_check CHECK ((stayed >= 0)),
    CONSTRAINT stayed_of_all CHECK ((stayed <= accounts))
);

ALTER TABLE public.milestones_orderreading ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.milestones_orderreading_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.milestones_pacing (
    id bigint NOT NULL,
    plan character varying(80) NOT NULL,
    completions integer NOT NULL,
    behind_days double precision NOT NULL,
    stuck_days double precision NOT NULL,
    as_of timestamp with time zone NOT NULL,
    milestone_id bigint NOT NULL,
    CONSTRAINT milestones_pacing_completions_check CHECK ((completions >= 0)),
    CONSTRAINT stuck_after_behind CHECK ((stuck_days >= behind_days))
);

ALTER TABLE public.milestones_pacing ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.milestones_pacing_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.milestones_pathchoice (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    rule character varying(10) NOT NULL,
    arm character varying(40) NOT NULL,
    chance double precision NOT NULL,
    value double precision,
    score double precision NOT NULL,
    candidates jsonb NOT NULL,
    reasons jsonb NOT NULL,
    actor character varying(80) NOT NULL,
    account_id bigint NOT NULL,
    ahead_id bigint,
    milestone_id bigint NOT NULL,
    progress_id bigint NOT NULL,
    reading_id bigint,
    CONSTRAINT path_chance_is_a_chance CHECK (((chance > (0.0)::double precision) AND (chance < (1.0)::double precision)))
);

ALTER TABLE public.milestones_pathchoice ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.milestones_pathchoice_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.milestones_pathmark (
    id bigint NOT NULL,
    stale_since timestamp with time zone,
    account_id bigint NOT NULL,
    stale_cause_id bigint
);

ALTER TABLE public.milestones_pathmark ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.milestones_pathmark_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.milestones_progress (
    id bigint NOT NULL,
    variant character varying(40) NOT NULL,
    state character varying(10) NOT NULL,
    opened_at timestamp with time zone,
    offered_at timestamp with time zone,
    started_at timestamp with time zone,
    achieved_at timestamp with time zone,
    noticed_at timestamp with time zone,
    via character varying(10) NOT NULL,
    proof character varying(500) NOT NULL,
    source character varying(60) NOT NULL,
    have double precision NOT NULL,
    target double precision NOT NULL,
    pace character varying(10) NOT NULL,
    behind_at timestamp with time zone,
    stuck_at timestamp with time zone,
    account_id bigint NOT NULL,
    milestone_id bigint NOT NULL,
    version_id bigint,
    found_at timestamp with time zone,
    paused_at timestamp with time zone,
    rested interval DEFAULT '00:00:00'::interval NOT NULL,
    ruled boolean DEFAULT true NOT NULL,
    CONSTRAINT achieved_says_when_and_how CHECK ((((achieved_at IS NOT NULL) AND (noticed_at IS NOT NULL) AND ((state)::text = 'achieved'::text) AND (NOT ((via)::text = ''::text))) OR ((NOT ((state)::text = 'achieved'::text)) AND (achieved_at IS NULL) AND ((via)::text = ''::text)))),
    CONSTRAINT paused_says_since_when CHECK ((((paused_at IS NOT NULL) AND ((state)::text = 'paused'::text)) OR (NOT ((state)::text = 'paused'::text))))
);

ALTER TABLE public.milestones_progress ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.milestones_progress_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.milestones_recognitionchoice (
    id bigint NOT NULL,
    level character varying(8) NOT NULL,
    by_name boolean NOT NULL,
    chosen_at timestamp with time zone NOT NULL,
    actor character varying(120) NOT NULL,
    contact_id bigint NOT NULL
);

ALTER TABLE public.milestones_recognitionchoice ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.milestones_recognitionchoice_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.milestones_redemption (
    id bigint NOT NULL,
    unit character varying(8) NOT NULL,
    currency character varying(40) NOT NULL,
    cost numeric(12,2) NOT NULL,
    state character varying(12) NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    decided_at timestamp with time zone,
    decided_by character varying(120) NOT NULL,
    note character varying(250) NOT NULL,
    idem_key character varying(160) NOT NULL,
    account_id bigint NOT NULL,
    contact_id bigint,
    item_id bigint NOT NULL
);

ALTER TABLE public.milestones_redemption ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.milestones_redemption_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.milestones_rewardbalance (
    id bigint NOT NULL,
    book character varying(10) NOT NULL,
    unit character varying(8) NOT NULL,
    currency character varying(40) NOT NULL,
    amount numeric(16,2) NOT NULL,
    account_id bigint,
    budget_id bigint,
    CONSTRAINT nothing_below_nought CHECK ((((book)::text = 'company'::text) OR (amount >= (0)::numeric)))
);

ALTER TABLE public.milestones_rewardbalance ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.milestones_rewardbalance_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.milestones_rewardbudget (
    id bigint NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    month date NOT NULL,
    unit character varying(8) NOT NULL,
    currency character varying(40) NOT NULL,
    amount numeric(14,2) NOT NULL,
    unit_worth numeric(10,4) NOT NULL,
    counts_from timestamp with time zone NOT NULL,
    multiplier double precision NOT NULL,
    paced_at timestamp with time zone,
    paced_left numeric(14,2) NOT NULL,
    CONSTRAINT budget_begins_a_month CHECK ((EXTRACT(day FROM month) = (1)::numeric)),
    CONSTRAINT budget_currency_is_of_credits CHECK (((((currency)::text = ''::text) AND ((unit)::text = 'points'::text)) OR (((currency)::text ~ '^[A-Z]{3}$'::text) AND ((unit)::text = 'credits'::text)) OR (((unit)::text = 'perks'::text) AND (NOT ((currency)::text = ''::text))))),
    CONSTRAINT milestones_rewardbudget_version_check CHECK ((version >= 0)),
    CONSTRAINT pacing_within_bounds CHECK (((multiplier >= (0.5)::double precision) AND (multiplier <= (1.5)::double precision)))
);

ALTER TABLE public.milestones_rewardbudget ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.milestones_rewardbudget_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.milestones_rewardclaim (
    id bigint NOT NULL,
    cause character varying(120) NOT NULL,
    day date NOT NULL,
    at timestamp with time zone NOT NULL,
    asked numeric(12,2) NOT NULL,
    factors jsonb NOT NULL,
    amount numeric(12,2) NOT NULL,
    state character varying(10) NOT NULL,
    reasons jsonb NOT NULL,
    expires_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    decided_at timestamp with time zone,
    decided_by character varying(120) NOT NULL,
    decision character varying(250) NOT NULL,
    account_id bigint NOT NULL,
    budget_id bigint,
    contact_id bigint,
    rule_id bigint NOT NULL,
    CONSTRAINT claim_has_a_budget CHECK (((NOT ((state)::text = ANY (ARRAY[('granted'::character varying)::text, ('held'::character varying)::text]))) OR (budget_id IS NOT NULL))),
    CONSTRAINT claim_not_negative CHECK (((amount >= (0)::numeric) AND (asked >= (0)::numeric)))
);

ALTER TABLE public.milestones_rewardclaim ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.milestones_rewardclaim_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.milestones_rewardmovement (
    id bigint NOT NULL,
    kind character varying(10) NOT NULL,
    source character varying(10) NOT NULL,
    target character varying(10) NOT NULL,
    unit character varying(8) NOT NULL,
    currency character varying(40) NOT NULL,
    amount numeric(14,2) NOT NULL,
    reason character varying(250) NOT NULL,
    actor character varying(120) NOT NULL,
    at timestamp with time zone NOT NULL,
    idem_key character varying(160) NOT NULL,
    account_id bigint,
    budget_id bigint,
    claim_id bigint,
    redemption_id bigint,
    reverses_id bigint,
    CONSTRAINT budget_is_named CHECK ((((NOT ((source)::text = 'budget'::text)) AND (NOT ((target)::text = 'budget'::text))) OR (budget_id IS NOT NULL))),
    CONSTRAINT movement_currency_is_of_credits CHECK (((((currency)::text = ''::text) AND ((unit)::text = 'points'::text)) OR (((currency)::text ~ '^[A-Z]{3}$'::text) AND ((unit)::text = 'credits'::text)) OR (((unit)::text = 'perks'::text) AND (NOT ((currency)::text = ''::text))))),
    CONSTRAINT reward_goes_elsewhere CHECK ((NOT ((source)::text = (target)::text))),
    CONSTRAINT reward_goes_its_way CHECK (((((kind)::text = 'fund'::text) AND ((source)::text = 'company'::text) AND ((target)::text = 'budget'::text)) OR (((kind)::text = 'return'::text) AND ((source)::text = 'budget'::text) AND ((target)::text = 'company'::text)) OR (((kind)::text = 'grant'::text) AND ((source)::text = 'budget'::text) AND ((target)::text = 'account'::text)) OR (((kind)::text = 'hold'::text) AND ((source)::text = 'budget'::text) AND ((target)::text = 'held'::text)) OR (((kind)::text = 'approve'::text) AND ((source)::text = 'held'::text) AND ((target)::text = 'account'::text)) OR (((kind)::text = 'refuse'::text) AND ((source)::text = 'held'::text) AND ((target)::text = 'budget'::text)) OR (((kind)::text = 'reverse'::text) AND ((source)::text = 'account'::text) AND ((target)::text = 'budget'::text)) OR (((kind)::text = 'reserve'::text) AND ((source)::text = 'account'::text) AND ((target)::text = 'reserved'::text)) OR (((kind)::text = 'hand_over'::text) AND ((source)::text = 'reserved'::text) AND ((target)::text = 'redeemed'::text)) OR (((kind)::text = 'give_back'::text) AND ((source)::text = 'reserved'::text) AND ((target)::text = 'account'::text)) OR (((kind)::text = 'expire'::text) AND ((source)::text = 'account'::text) AND ((target)::text = 'expired'::text)))),
    CONSTRAINT reward_moves CHECK ((amount > (0)::numeric))
);

ALTER TABLE public.milestones_rewardmovement ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.milestones_rewardmovement_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.milestones_rewardrule (
    id bigint NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    key character varying(60) NOT NULL,
    name character varying(120) NOT NULL,
    "on" character varying(10) NOT NULL,
    activity character varying(160) NOT NULL,
    tier character varying(40) NOT NULL,
    weeks smallint,
    unit character varying(8) NOT NULL,
    currency character varying(40) NOT NULL,
    amount numeric(12,2) NOT NULL,
    daily_cap numeric(12,2),
    decay double precision NOT NULL,
    usual_acts smallint NOT NULL,
    varies boolean NOT NULL,
    streak_counts boolean NOT NULL,
    needs_proof boolean NOT NULL,
    approve_above numeric(12,2),
    expires_days smallint,
    state character varying(8) NOT NULL,
    milestone_id bigint,
    CONSTRAINT activity_rule_names_it CHECK ((NOT (((activity)::text = ''::text) AND (("on")::text = 'activity'::text)))),
    CONSTRAINT decay_is_a_share CHECK (((decay > (0.0)::double precision) AND (decay <= (1.0)::double precision))),
    CONSTRAINT milestones_rewardrule_expires_days_check CHECK ((expires_days >= 0)),
    CONSTRAINT milestones_rewardrule_usual_acts_check CHECK ((usual_acts >= 0)),
    CONSTRAINT milestones_rewardrule_version_check CHECK ((version >= 0)),
    CONSTRAINT milestones_rewardrule_weeks_check CHECK ((weeks >= 0)),
    CONSTRAINT money_does_not_vary CHECK ((NOT (((unit)::text = 'credits'::text) AND varies))),
    CONSTRAINT rule_currency_is_of_credits CHECK (((((currency)::text = ''::text) AND ((unit)::text = 'points'::text)) OR (((currency)::text ~ '^[A-Z]{3}$'::text) AND ((unit)::text = 'credits'::text)) OR (((unit)::text = 'perks'::text) AND (NOT ((currency)::text = ''::text))))),
    CONSTRAINT rule_pays_something CHECK ((amount > (0)::numeric))
);

ALTER TABLE public.milestones_rewardrule ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.milestones_rewardrule_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.milestones_streak (
    id bigint NOT NULL,
    step character varying(4) NOT NULL,
    length integer NOT NULL,
    best integer NOT NULL,
    through date,
    judged_on date NOT NULL,
    account_id bigint NOT NULL,
    CONSTRAINT best_is_the_longest CHECK ((best >= length)),
    CONSTRAINT milestones_streak_best_check CHECK ((best >= 0)),
    CONSTRAINT milestones_streak_length_check CHECK ((length >= 0))
);

ALTER TABLE public.milestones_streak ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.milestones_streak_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.milestones_streakpause (
    id bigint NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    reason character varying(160) NOT NULL,
    actor character varying(120) NOT NULL,
    account_id bigint,
    CONSTRAINT pause_has_days CHECK ((ends_on >= starts_on))
);

ALTER TABLE public.milestones_streakpause ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.milestones_streakpause_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.milestones_tier (
    id bigint NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    key character varying(40) NOT NULL,
    name character varying(80) NOT NULL,
    threshold numeric(12,2) NOT NULL,
    words jsonb NOT NULL,
    CONSTRAINT milestones_tier_version_check CHECK ((version >= 0)),
    CONSTRAINT tier_asks_something CHECK ((threshold > (0)::numeric))
);

ALTER TABLE public.milestones_tier ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.milestones_tier_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.milestones_tierstanding (
    id bigint NOT NULL,
    tier character varying(40) NOT NULL,
    points numeric(14,2) NOT NULL,
    since timestamp with time zone,
    judged_at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL
);

ALTER TABLE public.milestones_tierstanding ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.milestones_tierstanding_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.milestones_winningrules (
    id bigint NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    target_percent smallint NOT NULL,
    fits boolean NOT NULL,
    learned_order boolean NOT NULL,
    least_accounts integer NOT NULL,
    bias double precision NOT NULL,
    told double precision,
    realised double precision,
    outcomes integer NOT NULL,
    tuned_at timestamp with time zone,
    relearn boolean NOT NULL,
    CONSTRAINT milestones_winningrules_least_accounts_check CHECK ((least_accounts >= 0)),
    CONSTRAINT milestones_winningrules_outcomes_check CHECK ((outcomes >= 0)),
    CONSTRAINT milestones_winningrules_target_percent_check CHECK ((target_percent >= 0)),
    CONSTRAINT milestones_winningrules_version_check CHECK ((version >= 0)),
    CONSTRAINT one_set_of_winning_rules CHECK ((id = 1)),
    CONSTRAINT order_needs_500_accounts CHECK ((least_accounts >= 500)),
    CONSTRAINT target_within_60_and_80 CHECK (((target_percent >= 60) AND (target_percent <= 80)))
);

ALTER TABLE public.milestones_winningrules ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.milestones_winningrules_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.waffle_flag (
    id integer NOT NULL,
    name character varying(100) NOT NULL,
    everyone boolean,
    percent numeric(3,1),
    testing boolean NOT NULL,
    superusers boolean NOT NULL,
    staff boolean NOT NULL,
    authenticated boolean NOT NULL,
    languages text NOT NULL,
    rollout boolean NOT NULL,
    note text NOT NULL,
    created timestamp with time zone NOT NULL,
    modified timestamp with time zone NOT NULL
);

CREATE TABLE public.waffle_flag_groups (
    id bigint NOT NULL,
    flag_id integer NOT NULL,
    group_id integer NOT NULL
);

ALTER TABLE public.waffle_flag_groups ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.waffle_flag_groups_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.waffle_flag ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.waffle_flag_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.waffle_flag_users (
    id bigint NOT NULL,
    flag_id integer NOT NULL,
    user_id bigint NOT NULL
);

ALTER TABLE public.waffle_flag_users ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.waffle_flag_users_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.waffle_sample (
    id integer NOT NULL,
    name character varying(100) NOT NULL,
    percent numeric(4,1) NOT NULL,
    note text NOT NULL,
    created timestamp with time zone NOT NULL,
    modified timestamp with time zone NOT NULL
);

ALTER TABLE public.waffle_sample ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.waffle_sample_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.waffle_switch (
    id integer NOT NULL,
    name character varying(100) NOT NULL,
    active boolean NOT NULL,
    note text NOT NULL,
    created timestamp with time zone NOT NULL,
    modified timestamp with time zone NOT NULL
);

ALTER TABLE public.waffle_switch ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.waffle_switch_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE ONLY public.accounts_activityevent ATTACH PARTITION public.accounts_activityevent_default DEFAULT;

ALTER TABLE ONLY public.accounts_activityevent ALTER COLUMN id SET DEFAULT nextval('public.accounts_activityevent_id_seq'::regclass);

ALTER TABLE ONLY public.accounts_account
    ADD CONSTRAINT accounts_account_external_id_key UNIQUE (external_id);

ALTER TABLE ONLY public.accounts_account
    ADD CONSTRAINT accounts_account_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.accounts_accountrole
    ADD CONSTRAINT accounts_accountrole_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.accounts_activityevent
    ADD CONSTRAINT accounts_activityevent_pkey1 PRIMARY KEY (id, at);

ALTER TABLE ONLY public.accounts_activityevent_default
    ADD CONSTRAINT accounts_activityevent_default_pkey PRIMARY KEY (id, at);

ALTER TABLE ONLY public.accounts_arrmovement
    ADD CONSTRAINT accounts_arrmovement_idem_key_key UNIQUE (idem_key);

ALTER TABLE ONLY public.accounts_arrmovement
    ADD CONSTRAINT accounts_arrmovement_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.accounts_contact
    ADD CONSTRAINT accounts_contact_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.accounts_dailyrollup
    ADD CONSTRAINT accounts_dailyrollup_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.accounts_eventname
    ADD CONSTRAINT accounts_eventname_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.accounts_exchangerate
    ADD CONSTRAINT accounts_exchangerate_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.accounts_field
    ADD CONSTRAINT accounts_field_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.accounts_identity
    ADD CONSTRAINT accounts_identity_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.accounts_importmapping
    ADD CONSTRAINT accounts_importmapping_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.accounts_importproblem
    ADD CONSTRAINT accounts_importproblem_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.accounts_importrun
    ADD CONSTRAINT accounts_importrun_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.accounts_invoice
    ADD CONSTRAINT accounts_invoice_external_id_key UNIQUE (external_id);

ALTER TABLE ONLY public.accounts_invoice
    ADD CONSTRAINT accounts_invoice_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.accounts_messagekey
    ADD CONSTRAINT accounts_messagekey_pkey PRIMARY KEY (key);

ALTER TABLE ONLY public.accounts_note_contacts
    ADD CONSTRAINT accounts_note_contacts_note_id_contact_id_c0eebf0b_uniq UNIQUE (note_id, contact_id);

ALTER TABLE ONLY public.accounts_note_contacts
    ADD CONSTRAINT accounts_note_contacts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.accounts_note
    ADD CONSTRAINT accounts_note_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.accounts_promise
    ADD CONSTRAINT accounts_promise_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.accounts_pulse
    ADD CONSTRAINT accounts_pulse_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.accounts_renewal
    ADD CONSTRAINT accounts_renewal_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.accounts_renewalcall
    ADD CONSTRAINT accounts_renewalcall_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.accounts_subscription
    ADD CONSTRAINT accounts_subscription_external_id_key UNIQUE (external_id);

ALTER TABLE ONLY public.accounts_subscription
    ADD CONSTRAINT accounts_subscription_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.accounts_surveyresponse
    ADD CONSTRAINT accounts_surveyresponse_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.accounts_team
    ADD CONSTRAINT accounts_team_name_key UNIQUE (name);

ALTER TABLE ONLY public.accounts_team
    ADD CONSTRAINT accounts_team_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.accounts_ticket
    ADD CONSTRAINT accounts_ticket_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.accounts_user
    ADD CONSTRAINT accounts_user_email_key UNIQUE (email);

ALTER TABLE ONLY public.accounts_user_groups
    ADD CONSTRAINT accounts_user_groups_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.accounts_user_groups
    ADD CONSTRAINT accounts_user_groups_user_id_group_id_59c0b32f_uniq UNIQUE (user_id, group_id);

ALTER TABLE ONLY public.accounts_user
    ADD CONSTRAINT accounts_user_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.accounts_user_user_permissions
    ADD CONSTRAINT accounts_user_user_permi_user_id_permission_id_2ab516c2_uniq UNIQUE (user_id, permission_id);

ALTER TABLE ONLY public.accounts_user_user_permissions
    ADD CONSTRAINT accounts_user_user_permissions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.alerts_alert
    ADD CONSTRAINT alerts_alert_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.alerts_alertmoment
    ADD CONSTRAINT alerts_alertmoment_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.alerts_alertrule
    ADD CONSTRAINT alerts_alertrule_key_key UNIQUE (key);

ALTER TABLE ONLY public.alerts_alertrule
    ADD CONSTRAINT alerts_alertrule_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.alerts_alertsubscription
    ADD CONSTRAINT alerts_alertsubscription_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.alerts_climb
    ADD CONSTRAINT alerts_climb_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.alerts_climbstep_people
    ADD CONSTRAINT alerts_climbstep_people_climbstep_id_user_id_53d4d4dc_uniq UNIQUE (climbstep_id, user_id);

ALTER TABLE ONLY public.alerts_climbstep_people
    ADD CONSTRAINT alerts_climbstep_people_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.alerts_climbstep
    ADD CONSTRAINT alerts_climbstep_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.alerts_dutymember
    ADD CONSTRAINT alerts_dutymember_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.alerts_dutyoverride
    ADD CONSTRAINT alerts_dutyoverride_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.alerts_dutyrota
    ADD CONSTRAINT alerts_dutyrota_key_key UNIQUE (key);

ALTER TABLE ONLY public.alerts_dutyrota
    ADD CONSTRAINT alerts_dutyrota_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.alerts_escalationpolicy
    ADD CONSTRAINT alerts_escalationpolicy_key_key UNIQUE (key);

ALTER TABLE ONLY public.alerts_escalationpolicy
    ADD CONSTRAINT alerts_escalationpolicy_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.alerts_incident
    ADD CONSTRAINT alerts_incident_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.alerts_notice
    ADD CONSTRAINT alerts_notice_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.alerts_noticeroad
    ADD CONSTRAINT alerts_noticeroad_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.alerts_noticesending
    ADD CONSTRAINT alerts_noticesending_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.alerts_outsidechannel
    ADD CONSTRAINT alerts_outsidechannel_key_key UNIQUE (key);

ALTER TABLE ONLY public.alerts_outsidechannel
    ADD CONSTRAINT alerts_outsidechannel_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.alerts_policyofrule
    ADD CONSTRAINT alerts_policyofrule_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.alerts_policyofrule
    ADD CONSTRAINT alerts_policyofrule_rule_id_key UNIQUE (rule_id);

ALTER TABLE ONLY public.alerts_response
    ADD CONSTRAINT alerts_response_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.alerts_responserun
    ADD CONSTRAINT alerts_responserun_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.alerts_ruleday
    ADD CONSTRAINT alerts_ruleday_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.alerts_ruletold
    ADD CONSTRAINT alerts_ruletold_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.alerts_ruletrial
    ADD CONSTRAINT alerts_ruletrial_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.alerts_ruleversion
    ADD CONSTRAINT alerts_ruleversion_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.alerts_staffbrowser
    ADD CONSTRAINT alerts_staffbrowser_endpoint_key UNIQUE (endpoint);

ALTER TABLE ONLY public.alerts_staffbrowser
    ADD CONSTRAINT alerts_staffbrowser_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.alerts_watched
    ADD CONSTRAINT alerts_watched_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.alerts_watchmark
    ADD CONSTRAINT alerts_watchmark_pkey PRIMARY KEY (account_id);

ALTER TABLE ONLY public.auth_group
    ADD CONSTRAINT auth_group_name_key UNIQUE (name);

ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_group_id_permission_id_0cd325b0_uniq UNIQUE (group_id, permission_id);

ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.auth_group
    ADD CONSTRAINT auth_group_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_content_type_id_codename_01ab375a_uniq UNIQUE (content_type_id, codename);

ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.campaigns_campaign
    ADD CONSTRAINT campaigns_campaign_key_key UNIQUE (key);

ALTER TABLE ONLY public.campaigns_campaign
    ADD CONSTRAINT campaigns_campaign_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.campaigns_campaignversion
    ADD CONSTRAINT campaigns_campaignversion_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.campaigns_frozenreadout
    ADD CONSTRAINT campaigns_frozenreadout_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.campaigns_goalreached
    ADD CONSTRAINT campaigns_goalreached_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.campaigns_invitation
    ADD CONSTRAINT campaigns_invitation_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.campaigns_invitation
    ADD CONSTRAINT campaigns_invitation_recipient_id_key UNIQUE (recipient_id);

ALTER TABLE ONLY public.campaigns_invitation
    ADD CONSTRAINT campaigns_invitation_response_id_key UNIQUE (response_id);

ALTER TABLE ONLY public.campaigns_listedaccount
    ADD CONSTRAINT campaigns_listedaccount_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.campaigns_membership
    ADD CONSTRAINT campaigns_membership_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.campaigns_occurrence
    ADD CONSTRAINT campaigns_occurrence_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.campaigns_outsidetouch
    ADD CONSTRAINT campaigns_outsidetouch_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.campaigns_recipient
    ADD CONSTRAINT campaigns_recipient_message_id_key UNIQUE (message_id);

ALTER TABLE ONLY public.campaigns_recipient
    ADD CONSTRAINT campaigns_recipient_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.campaigns_segment
    ADD CONSTRAINT campaigns_segment_key_key UNIQUE (key);

ALTER TABLE ONLY public.campaigns_segment
    ADD CONSTRAINT campaigns_segment_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.campaigns_segmentmark
    ADD CONSTRAINT campaigns_segmentmark_pkey PRIMARY KEY (account_id);

ALTER TABLE ONLY public.campaigns_segmentrebuild
    ADD CONSTRAINT campaigns_segmentrebuild_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.campaigns_segmentversion
    ADD CONSTRAINT campaigns_segmentversion_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.campaigns_segmentwake
    ADD CONSTRAINT campaigns_segmentwake_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.campaigns_weightsversion
    ADD CONSTRAINT campaigns_weightsversion_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.churn_accountrisk
    ADD CONSTRAINT churn_accountrisk_account_id_key UNIQUE (account_id);

ALTER TABLE ONLY public.churn_accountrisk
    ADD CONSTRAINT churn_accountrisk_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.churn_care
    ADD CONSTRAINT churn_care_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.churn_check
    ADD CONSTRAINT churn_check_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.churn_churndefinition
    ADD CONSTRAINT churn_churndefinition_name_key UNIQUE (name);

ALTER TABLE ONLY public.churn_churndefinition
    ADD CONSTRAINT churn_churndefinition_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.churn_modelversion
    ADD CONSTRAINT churn_modelversion_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.churn_prediction
    ADD CONSTRAINT churn_prediction_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.churn_shadowscore
    ADD CONSTRAINT churn_shadowscore_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.churn_trainingrun
    ADD CONSTRAINT churn_trainingrun_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.coaching_coachingprofile
    ADD CONSTRAINT coaching_coachingprofile_account_id_key UNIQUE (account_id);

ALTER TABLE ONLY public.coaching_coachingprofile
    ADD CONSTRAINT coaching_coachingprofile_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.coaching_coachingrules
    ADD CONSTRAINT coaching_coachingrules_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.coaching_goal
    ADD CONSTRAINT coaching_goal_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.coaching_goal
    ADD CONSTRAINT coaching_goal_session_id_key UNIQUE (session_id);

ALTER TABLE ONLY public.coaching_goalreading
    ADD CONSTRAINT coaching_goalreading_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.coaching_pattern
    ADD CONSTRAINT coaching_pattern_key_key UNIQUE (key);

ALTER TABLE ONLY public.coaching_pattern
    ADD CONSTRAINT coaching_pattern_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.coaching_profilefit
    ADD CONSTRAINT coaching_profilefit_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.coaching_recommendation
    ADD CONSTRAINT coaching_recommendation_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.coaching_session
    ADD CONSTRAINT coaching_session_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.coaching_session_promises
    ADD CONSTRAINT coaching_session_promises_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.coaching_session_promises
    ADD CONSTRAINT coaching_session_promises_session_id_promise_id_6b04c6c5_uniq UNIQUE (session_id, promise_id);

ALTER TABLE ONLY public.coaching_slate
    ADD CONSTRAINT coaching_slate_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.coaching_strategy
    ADD CONSTRAINT coaching_strategy_key_key UNIQUE (key);

ALTER TABLE ONLY public.coaching_strategy
    ADD CONSTRAINT coaching_strategy_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.coaching_tip
    ADD CONSTRAINT coaching_tip_key_key UNIQUE (key);

ALTER TABLE ONLY public.coaching_tip
    ADD CONSTRAINT coaching_tip_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.coaching_tipanswerrow
    ADD CONSTRAINT coaching_tipanswerrow_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.coaching_tipversion
    ADD CONSTRAINT coaching_tipversion_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.community_advocate
    ADD CONSTRAINT community_advocate_code_key UNIQUE (code);

ALTER TABLE ONLY public.community_advocate
    ADD CONSTRAINT community_advocate_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.community_ask
    ADD CONSTRAINT community_ask_moment_id_key UNIQUE (moment_id);

ALTER TABLE ONLY public.community_ask
    ADD CONSTRAINT community_ask_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.community_askrules
    ADD CONSTRAINT community_askrules_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.community_challenge
    ADD CONSTRAINT community_challenge_key_key UNIQUE (key);

ALTER TABLE ONLY public.community_challenge
    ADD CONSTRAINT community_challenge_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.community_challengecount
    ADD CONSTRAINT community_challengecount_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.community_challengeentry
    ADD CONSTRAINT community_challengeentry_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.community_favour
    ADD CONSTRAINT community_favour_key_key UNIQUE (key);

ALTER TABLE ONLY public.community_favour
    ADD CONSTRAINT community_favour_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.community_invite
    ADD CONSTRAINT community_invite_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.community_moment
    ADD CONSTRAINT community_moment_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.community_momentmark
    ADD CONSTRAINT community_momentmark_account_id_key UNIQUE (account_id);

ALTER TABLE ONLY public.community_momentmark
    ADD CONSTRAINT community_momentmark_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.community_namedconsent
    ADD CONSTRAINT community_namedconsent_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.community_published
    ADD CONSTRAINT community_published_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.community_referral
    ADD CONSTRAINT community_referral_key_key UNIQUE (key);

ALTER TABLE ONLY public.community_referral
    ADD CONSTRAINT community_referral_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.community_referralclick
    ADD CONSTRAINT community_referralclick_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.community_referraldecision
    ADD CONSTRAINT community_referraldecision_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.community_referralprogram
    ADD CONSTRAINT community_referralprogram_key_key UNIQUE (key);

ALTER TABLE ONLY public.community_referralprogram
    ADD CONSTRAINT community_referralprogram_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.community_referralprogramversion
    ADD CONSTRAINT community_referralprogramversion_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.community_referralreward
    ADD CONSTRAINT community_referralreward_claim_id_key UNIQUE (claim_id);

ALTER TABLE ONLY public.community_referralreward
    ADD CONSTRAINT community_referralreward_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.community_sharingchoice
    ADD CONSTRAINT community_sharingchoice_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.community_statement
    ADD CONSTRAINT community_statement_key_key UNIQUE (key);

ALTER TABLE ONLY public.community_statement
    ADD CONSTRAINT community_statement_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.community_challengecount
    ADD CONSTRAINT counted_once UNIQUE (entry_id, key);

ALTER TABLE ONLY public.dashboards_accountvisit
    ADD CONSTRAINT dashboards_accountvisit_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.dashboards_dashboard
    ADD CONSTRAINT dashboards_dashboard_key_key UNIQUE (key);

ALTER TABLE ONLY public.dashboards_dashboard
    ADD CONSTRAINT dashboards_dashboard_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.dashboards_dashboarddraft
    ADD CONSTRAINT dashboards_dashboarddraft_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.dashboards_dashboardversion
    ADD CONSTRAINT dashboards_dashboardversion_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.dashboards_pathdraft
    ADD CONSTRAINT dashboards_pathdraft_milestone_id_key UNIQUE (milestone_id);

ALTER TABLE ONLY public.dashboards_pathdraft
    ADD CONSTRAINT dashboards_pathdraft_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.dashboards_savedview
    ADD CONSTRAINT dashboards_savedview_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.dashboards_sharelink
    ADD CONSTRAINT dashboards_sharelink_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.django_admin_log
    ADD CONSTRAINT django_admin_log_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.django_celery_beat_clockedschedule
    ADD CONSTRAINT django_celery_beat_clockedschedule_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.django_celery_beat_crontabschedule
    ADD CONSTRAINT django_celery_beat_crontabschedule_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.django_celery_beat_intervalschedule
    ADD CONSTRAINT django_celery_beat_intervalschedule_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.django_celery_beat_periodictask
    ADD CONSTRAINT django_celery_beat_periodictask_name_key UNIQUE (name);

ALTER TABLE ONLY public.django_celery_beat_periodictask
    ADD CONSTRAINT django_celery_beat_periodictask_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.django_celery_beat_periodictasks
    ADD CONSTRAINT django_celery_beat_periodictasks_pkey PRIMARY KEY (ident);

ALTER TABLE ONLY public.django_celery_beat_solarschedule
    ADD CONSTRAINT django_celery_beat_solar_event_latitude_longitude_ba64999a_uniq UNIQUE (event, latitude, longitude);

ALTER TABLE ONLY public.django_celery_beat_solarschedule
    ADD CONSTRAINT django_celery_beat_solarschedule_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.django_content_type
    ADD CONSTRAINT django_content_type_app_label_model_76bd3d3b_uniq UNIQUE (app_label, model);

ALTER TABLE ONLY public.django_content_type
    ADD CONSTRAINT django_content_type_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.django_migrations
    ADD CONSTRAINT django_migrations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.django_session
    ADD CONSTRAINT django_session_pkey PRIMARY KEY (session_key);

ALTER TABLE ONLY public.events_change
    ADD CONSTRAINT events_change_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.events_delivery
    ADD CONSTRAINT events_delivery_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.events_event
    ADD CONSTRAINT events_event_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.events_heartbeat
    ADD CONSTRAINT events_heartbeat_name_key UNIQUE (name);

ALTER TABLE ONLY public.events_heartbeat
    ADD CONSTRAINT events_heartbeat_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.events_jobrun
    ADD CONSTRAINT events_jobrun_name_key UNIQUE (name);

ALTER TABLE ONLY public.events_jobrun
    ADD CONSTRAINT events_jobrun_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.events_seal
    ADD CONSTRAINT events_seal_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.events_seal
    ADD CONSTRAINT events_seal_until_key UNIQUE (until);

ALTER TABLE ONLY public.experiments_armcount
    ADD CONSTRAINT experiments_armcount_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.experiments_assignment
    ADD CONSTRAINT experiments_assignment_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.experiments_experiment
    ADD CONSTRAINT experiments_experiment_key_key UNIQUE (key);

ALTER TABLE ONLY public.experiments_experiment
    ADD CONSTRAINT experiments_experiment_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.experiments_exposure
    ADD CONSTRAINT experiments_exposure_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.experiments_holdout
    ADD CONSTRAINT experiments_holdout_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.experiments_holdout
    ADD CONSTRAINT experiments_holdout_salt_key UNIQUE (salt);

ALTER TABLE ONLY public.experiments_holdoutmember
    ADD CONSTRAINT experiments_holdoutmember_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.experiments_look
    ADD CONSTRAINT experiments_look_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.experiments_outcomerow
    ADD CONSTRAINT experiments_outcomerow_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.experiments_override
    ADD CONSTRAINT experiments_override_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.experiments_policydecision
    ADD CONSTRAINT experiments_policydecision_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.experiments_segmentrhythm
    ADD CONSTRAINT experiments_segmentrhythm_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.experiments_segmentrhythm
    ADD CONSTRAINT experiments_segmentrhythm_segment_key UNIQUE (segment);

ALTER TABLE ONLY public.campaigns_goalreached
    ADD CONSTRAINT goal_reached_once UNIQUE (occurrence_id, account_id);

ALTER TABLE ONLY public.health_accounthealth
    ADD CONSTRAINT health_accounthealth_account_id_key UNIQUE (account_id);

ALTER TABLE ONLY public.health_accounthealth
    ADD CONSTRAINT health_accounthealth_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.health_feed
    ADD CONSTRAINT health_feed_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.health_healthmodel
    ADD CONSTRAINT health_healthmodel_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.health_healthscore
    ADD CONSTRAINT health_healthscore_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.integrations_apicall
    ADD CONSTRAINT integrations_apicall_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.integrations_apikey
    ADD CONSTRAINT integrations_apikey_name_key UNIQUE (name);

ALTER TABLE ONLY public.integrations_apikey
    ADD CONSTRAINT integrations_apikey_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.integrations_apikey
    ADD CONSTRAINT integrations_apikey_prefix_key UNIQUE (prefix);

ALTER TABLE ONLY public.integrations_rejection
    ADD CONSTRAINT integrations_rejection_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.integrations_source
    ADD CONSTRAINT integrations_source_key_hash_key UNIQUE (key_hash);

ALTER TABLE ONLY public.integrations_source
    ADD CONSTRAINT integrations_source_name_key UNIQUE (name);

ALTER TABLE ONLY public.integrations_source
    ADD CONSTRAINT integrations_source_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.integrations_webhook
    ADD CONSTRAINT integrations_webhook_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.integrations_webhookdelivery
    ADD CONSTRAINT integrations_webhookdelivery_message_id_key UNIQUE (message_id);

ALTER TABLE ONLY public.integrations_webhookdelivery
    ADD CONSTRAINT integrations_webhookdelivery_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.interventions_enrolment
    ADD CONSTRAINT interventions_enrolment_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.interventions_escalation
    ADD CONSTRAINT interventions_escalation_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.interventions_escalationstep
    ADD CONSTRAINT interventions_escalationstep_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.interventions_fit
    ADD CONSTRAINT interventions_fit_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.interventions_holiday
    ADD CONSTRAINT interventions_holiday_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.interventions_ladder
    ADD CONSTRAINT interventions_ladder_number_key UNIQUE (number);

ALTER TABLE ONLY public.interventions_ladder
    ADD CONSTRAINT interventions_ladder_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.interventions_passedover
    ADD CONSTRAINT interventions_passedover_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.interventions_play
    ADD CONSTRAINT interventions_play_key_key UNIQUE (key);

ALTER TABLE ONLY public.interventions_play
    ADD CONSTRAINT interventions_play_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.interventions_playversion
    ADD CONSTRAINT interventions_playversion_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.interventions_rehearsal
    ADD CONSTRAINT interventions_rehearsal_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.interventions_steprecord
    ADD CONSTRAINT interventions_steprecord_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.interventions_task
    ADD CONSTRAINT interventions_task_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.interventions_taskassignee
    ADD CONSTRAINT interventions_taskassignee_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.interventions_tasksource
    ADD CONSTRAINT interventions_tasksource_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.interventions_workingtime
    ADD CONSTRAINT interventions_workingtime_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.interventions_workingtime
    ADD CONSTRAINT interventions_workingtime_user_id_key UNIQUE (user_id);

ALTER TABLE ONLY public.campaigns_listedaccount
    ADD CONSTRAINT listed_once_per_segment UNIQUE (segment_id, account_id);

ALTER TABLE ONLY public.experiments_look
    ADD CONSTRAINT looks_are_counted UNIQUE (experiment_id, number);

ALTER TABLE ONLY public.messaging_consent
    ADD CONSTRAINT messaging_consent_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.messaging_contactpolicy
    ADD CONSTRAINT messaging_contactpolicy_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.messaging_contactpolicy
    ADD CONSTRAINT messaging_contactpolicy_version_key UNIQUE (version);

ALTER TABLE ONLY public.messaging_decision
    ADD CONSTRAINT messaging_decision_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.messaging_digest
    ADD CONSTRAINT messaging_digest_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.messaging_hold
    ADD CONSTRAINT messaging_hold_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.messaging_hold
    ADD CONSTRAINT messaging_hold_source_key UNIQUE (source);

ALTER TABLE ONLY public.messaging_message
    ADD CONSTRAINT messaging_message_idem_key_key UNIQUE (idem_key);

ALTER TABLE ONLY public.messaging_message
    ADD CONSTRAINT messaging_message_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.messaging_message
    ADD CONSTRAINT messaging_message_reply_token_key UNIQUE (reply_token);

ALTER TABLE ONLY public.messaging_messageattempt
    ADD CONSTRAINT messaging_messageattempt_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.messaging_providerevent
    ADD CONSTRAINT messaging_providerevent_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.messaging_providerhealth
    ADD CONSTRAINT messaging_providerhealth_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.messaging_providerhealth
    ADD CONSTRAINT messaging_providerhealth_provider_key UNIQUE (provider);

ALTER TABLE ONLY public.messaging_pushsubscription
    ADD CONSTRAINT messaging_pushsubscription_endpoint_key UNIQUE (endpoint);

ALTER TABLE ONLY public.messaging_pushsubscription
    ADD CONSTRAINT messaging_pushsubscription_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.messaging_suppression
    ADD CONSTRAINT messaging_suppression_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.messaging_template
    ADD CONSTRAINT messaging_template_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.metrics_accounttally
    ADD CONSTRAINT metrics_accounttally_pkey PRIMARY KEY (account_id);

ALTER TABLE ONLY public.metrics_daytally
    ADD CONSTRAINT metrics_daytally_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.metrics_hourtally
    ADD CONSTRAINT metrics_hourtally_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.metrics_moved
    ADD CONSTRAINT metrics_moved_pkey PRIMARY KEY (measure);

ALTER TABLE ONLY public.metrics_reckoned
    ADD CONSTRAINT metrics_reckoned_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.metrics_recount
    ADD CONSTRAINT metrics_recount_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.metrics_tally
    ADD CONSTRAINT metrics_tally_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.metrics_toldday
    ADD CONSTRAINT metrics_toldday_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.milestones_accountability
    ADD CONSTRAINT milestones_accountability_account_id_key UNIQUE (account_id);

ALTER TABLE ONLY public.milestones_accountability
    ADD CONSTRAINT milestones_accountability_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.milestones_badge
    ADD CONSTRAINT milestones_badge_key_key UNIQUE (key);

ALTER TABLE ONLY public.milestones_badge
    ADD CONSTRAINT milestones_badge_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.milestones_badgeaward
    ADD CONSTRAINT milestones_badgeaward_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.milestones_board
    ADD CONSTRAINT milestones_board_key_key UNIQUE (key);

ALTER TABLE ONLY public.milestones_board
    ADD CONSTRAINT milestones_board_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.milestones_boardplace
    ADD CONSTRAINT milestones_boardplace_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.milestones_catalogueitem
    ADD CONSTRAINT milestones_catalogueitem_key_key UNIQUE (key);

ALTER TABLE ONLY public.milestones_catalogueitem
    ADD CONSTRAINT milestones_catalogueitem_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.milestones_claim
    ADD CONSTRAINT milestones_claim_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.milestones_difficultychoice
    ADD CONSTRAINT milestones_difficultychoice_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.milestones_held
    ADD CONSTRAINT milestones_held_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.milestones_milestone
    ADD CONSTRAINT milestones_milestone_key_key UNIQUE (key);

ALTER TABLE ONLY public.milestones_milestone
    ADD CONSTRAINT milestones_milestone_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.milestones_milestonedifficulty
    ADD CONSTRAINT milestones_milestonedifficulty_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.milestones_milestonevalue
    ADD CONSTRAINT milestones_milestonevalue_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.milestones_milestoneversion
    ADD CONSTRAINT milestones_milestoneversion_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.milestones_need
    ADD CONSTRAINT milestones_need_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.milestones_orderreading
    ADD CONSTRAINT milestones_orderreading_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.milestones_pacing
    ADD CONSTRAINT milestones_pacing_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.milestones_pathchoice
    ADD CONSTRAINT milestones_pathchoice_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.milestones_pathmark
    ADD CONSTRAINT milestones_pathmark_account_id_key UNIQUE (account_id);

ALTER TABLE ONLY public.milestones_pathmark
    ADD CONSTRAINT milestones_pathmark_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.milestones_progress
    ADD CONSTRAINT milestones_progress_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.milestones_recognitionchoice
    ADD CONSTRAINT milestones_recognitionchoice_contact_id_key UNIQUE (contact_id);

ALTER TABLE ONLY public.milestones_recognitionchoice
    ADD CONSTRAINT milestones_recognitionchoice_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.milestones_redemption
    ADD CONSTRAINT milestones_redemption_idem_key_key UNIQUE (idem_key);

ALTER TABLE ONLY public.milestones_redemption
    ADD CONSTRAINT milestones_redemption_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.milestones_rewardbalance
    ADD CONSTRAINT milestones_rewardbalance_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.milestones_rewardbudget
    ADD CONSTRAINT milestones_rewardbudget_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.milestones_rewardclaim
    ADD CONSTRAINT milestones_rewardclaim_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.milestones_rewardmovement
    ADD CONSTRAINT milestones_rewardmovement_idem_key_key UNIQUE (idem_key);

ALTER TABLE ONLY public.milestones_rewardmovement
    ADD CONSTRAINT milestones_rewardmovement_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.milestones_rewardrule
    ADD CONSTRAINT milestones_rewardrule_key_key UNIQUE (key);

ALTER TABLE ONLY public.milestones_rewardrule
    ADD CONSTRAINT milestones_rewardrule_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.milestones_streak
    ADD CONSTRAINT milestones_streak_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.milestones_streakpause
    ADD CONSTRAINT milestones_streakpause_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.milestones_tier
    ADD CONSTRAINT milestones_tier_key_key UNIQUE (key);

ALTER TABLE ONLY public.milestones_tier
    ADD CONSTRAINT milestones_tier_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.milestones_tier
    ADD CONSTRAINT milestones_tier_threshold_key UNIQUE (threshold);

ALTER TABLE ONLY public.milestones_tierstanding
    ADD CONSTRAINT milestones_tierstanding_account_id_key UNIQUE (account_id);

ALTER TABLE ONLY public.milestones_tierstanding
    ADD CONSTRAINT milestones_tierstanding_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.milestones_winningrules
    ADD CONSTRAINT milestones_winningrules_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.campaigns_recipient
    ADD CONSTRAINT once_per_occurrence UNIQUE (occurrence_id, contact_id);

ALTER TABLE ONLY public.alerts_responserun
    ADD CONSTRAINT one_answer_per_alert UNIQUE (response_id, alert_id);

ALTER TABLE ONLY public.experiments_assignment
    ADD CONSTRAINT one_assignment_per_account UNIQUE (experiment_id, account_id);

ALTER TABLE ONLY public.milestones_badgeaward
    ADD CONSTRAINT one_award_per_badge UNIQUE (account_id, badge_id);

ALTER TABLE ONLY public.milestones_rewardbalance
    ADD CONSTRAINT one_balance_per_book UNIQUE NULLS NOT DISTINCT (account_id, book, budget_id, unit, currency);

ALTER TABLE ONLY public.dashboards_dashboarddraft
    ADD CONSTRAINT one_board_draft_each UNIQUE NULLS NOT DISTINCT (dashboard_id, user_id);

ALTER TABLE ONLY public.dashboards_dashboardversion
    ADD CONSTRAINT one_board_version_per_number UNIQUE (dashboard_id, number);

ALTER TABLE ONLY public.milestones_rewardbudget
    ADD CONSTRAINT one_budget_per_month_unit UNIQUE (month, unit, currency);

ALTER TABLE ONLY public.integrations_apicall
    ADD CONSTRAINT one_call_per_key UNIQUE (caller, key);

ALTER TABLE ONLY public.campaigns_campaignversion
    ADD CONSTRAINT one_campaign_version_per_number UNIQUE (campaign_id, number);

ALTER TABLE ONLY public.churn_care
    ADD CONSTRAINT one_care_per_event UNIQUE (event_id, account_id);

ALTER TABLE ONLY public.churn_check
    ADD CONSTRAINT one_check_per_moment UNIQUE (model_id, kind, as_of);

ALTER TABLE ONLY public.experiments_policydecision
    ADD CONSTRAINT one_choice_per_key UNIQUE (policy, key);

ALTER TABLE ONLY public.milestones_difficultychoice
    ADD CONSTRAINT one_choice_per_offer UNIQUE (progress_id, at);

ALTER TABLE ONLY public.milestones_rewardclaim
    ADD CONSTRAINT one_claim_per_cause UNIQUE (account_id, rule_id, cause);

ALTER TABLE ONLY public.milestones_claim
    ADD CONSTRAINT one_claim_per_key UNIQUE (account_id, milestone_id, kind, source, key);

ALTER TABLE ONLY public.community_advocate
    ADD CONSTRAINT one_code_per_person UNIQUE (program_id, contact_id);

ALTER TABLE ONLY public.experiments_armcount
    ADD CONSTRAINT one_count_per_arm UNIQUE (policy, action, segment, arm);

ALTER TABLE ONLY public.metrics_daytally
    ADD CONSTRAINT one_day_tally UNIQUE (measure, dimension, value, day, owner_id, currency);

ALTER TABLE ONLY public.events_delivery
    ADD CONSTRAINT one_delivery_per_handler UNIQUE (event_id, handler);

ALTER TABLE ONLY public.integrations_webhookdelivery
    ADD CONSTRAINT one_delivery_per_webhook UNIQUE (webhook_id, event_id);

ALTER TABLE ONLY public.milestones_milestonedifficulty
    ADD CONSTRAINT one_difficulty_per_variant UNIQUE (milestone_id, variant);

ALTER TABLE ONLY public.experiments_exposure
    ADD CONSTRAINT one_exposure_per_account UNIQUE (experiment_id, account_id);

ALTER TABLE ONLY public.interventions_fit
    ADD CONSTRAINT one_fit_per_account UNIQUE (play_id, account_id);

ALTER TABLE ONLY public.health_healthmodel
    ADD CONSTRAINT one_health_model_number UNIQUE (name, number);

ALTER TABLE ONLY public.milestones_held
    ADD CONSTRAINT one_held_per_condition UNIQUE (account_id, what);

ALTER TABLE ONLY public.interventions_holiday
    ADD CONSTRAINT one_holiday_per_team_and_day UNIQUE NULLS NOT DISTINCT (team_id, day);

ALTER TABLE ONLY public.metrics_hourtally
    ADD CONSTRAINT one_hour_tally UNIQUE (measure, day, hour, owner_id);

ALTER TABLE ONLY public.community_invite
    ADD CONSTRAINT one_invite_per_addressee UNIQUE (program_id, addressee);

ALTER TABLE ONLY public.experiments_look
    ADD CONSTRAINT one_look_per_fraction UNIQUE (experiment_id, fraction);

ALTER TABLE ONLY public.accounts_importmapping
    ADD CONSTRAINT one_mapping_per_header UNIQUE (kind, signature);

ALTER TABLE ONLY public.alerts_watched
    ADD CONSTRAINT one_memory_per_rule_account UNIQUE NULLS NOT DISTINCT (rule_id, account_id);

ALTER TABLE ONLY public.milestones_milestoneversion
    ADD CONSTRAINT one_milestone_version_per_number UNIQUE (milestone_id, number);

ALTER TABLE ONLY public.churn_modelversion
    ADD CONSTRAINT one_model_number UNIQUE (definition_id, number);

ALTER TABLE ONLY public.community_namedconsent
    ADD CONSTRAINT one_named_consent_per_item UNIQUE (contact_id, item);

ALTER TABLE ONLY public.milestones_need
    ADD CONSTRAINT one_need_per_pair UNIQUE (milestone_id, needed_id);

ALTER TABLE ONLY public.community_published
    ADD CONSTRAINT one_number_a_day UNIQUE (statement_id, "on");

ALTER TABLE ONLY public.campaigns_occurrence
    ADD CONSTRAINT one_occurrence_per_key UNIQUE (campaign_id, key);

ALTER TABLE ONLY public.experiments_outcomerow
    ADD CONSTRAINT one_outcome_per_key UNIQUE (experiment_id, key);

ALTER TABLE ONLY public.milestones_pacing
    ADD CONSTRAINT one_pacing_per_cohort UNIQUE (milestone_id, plan);

ALTER TABLE ONLY public.milestones_pathchoice
    ADD CONSTRAINT one_path_choice_per_offer UNIQUE (progress_id, at);

ALTER TABLE ONLY public.alerts_dutymember
    ADD CONSTRAINT one_person_per_place UNIQUE (rota_id, "position") DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_boardplace
    ADD CONSTRAINT one_place_per_board UNIQUE (board_id, contact_id);

ALTER TABLE ONLY public.experiments_holdoutmember
    ADD CONSTRAINT one_place_per_period UNIQUE (holdout_id, account_id);

ALTER TABLE ONLY public.alerts_dutymember
    ADD CONSTRAINT one_place_per_person UNIQUE (rota_id, user_id);

ALTER TABLE ONLY public.interventions_playversion
    ADD CONSTRAINT one_play_version_per_number UNIQUE (play_id, number);

ALTER TABLE ONLY public.community_referralprogramversion
    ADD CONSTRAINT one_program_version UNIQUE (program_id, number);

ALTER TABLE ONLY public.milestones_progress
    ADD CONSTRAINT one_progress_per_account_milestone UNIQUE (account_id, milestone_id);

ALTER TABLE ONLY public.messaging_providerevent
    ADD CONSTRAINT one_provider_event UNIQUE (provider, event_id);

ALTER TABLE ONLY public.accounts_exchangerate
    ADD CONSTRAINT one_rate_per_day_and_moment UNIQUE ("into", currency, valid_from, recorded_at);

ALTER TABLE ONLY public.coaching_goalreading
    ADD CONSTRAINT one_reading_per_goal_and_day UNIQUE (goal_id, days);

ALTER TABLE ONLY public.campaigns_frozenreadout
    ADD CONSTRAINT one_readout_per_day UNIQUE (campaign_id, "on");

ALTER TABLE ONLY public.metrics_reckoned
    ADD CONSTRAINT one_reckoned_figure_per_day UNIQUE (key, day);

ALTER TABLE ONLY public.interventions_steprecord
    ADD CONSTRAINT one_record_per_step UNIQUE (enrolment_id, "position");

ALTER TABLE ONLY public.accounts_surveyresponse
    ADD CONSTRAINT one_response_per_id UNIQUE (source, external_id);

ALTER TABLE ONLY public.accounts_arrmovement
    ADD CONSTRAINT one_reversal UNIQUE (reverses_id);

ALTER TABLE ONLY public.community_referralreward
    ADD CONSTRAINT one_reward_per_side UNIQUE (referral_id, side);

ALTER TABLE ONLY public.milestones_rewardmovement
    ADD CONSTRAINT one_reward_reversal UNIQUE (reverses_id);

ALTER TABLE ONLY public.accounts_dailyrollup
    ADD CONSTRAINT one_rollup_per_account_day_name UNIQUE (account_id, day, name);

ALTER TABLE ONLY public.messaging_messageattempt
    ADD CONSTRAINT one_row_per_attempt UNIQUE (message_id, number);

ALTER TABLE ONLY public.accounts_accountrole
    ADD CONSTRAINT one_row_per_role UNIQUE (account_id, user_id, role);

ALTER TABLE ONLY public.alerts_ruleday
    ADD CONSTRAINT one_row_per_rule_day UNIQUE (rule_id, day);

ALTER TABLE ONLY public.interventions_escalationstep
    ADD CONSTRAINT one_row_per_rung UNIQUE (escalation_id, "position");

ALTER TABLE ONLY public.alerts_climbstep
    ADD CONSTRAINT one_row_per_step UNIQUE (climb_id, "position");

ALTER TABLE ONLY public.interventions_taskassignee
    ADD CONSTRAINT one_row_per_task_assignee UNIQUE (task_id, user_id);

ALTER TABLE ONLY public.interventions_tasksource
    ADD CONSTRAINT one_row_per_task_source UNIQUE (task_id, kind, key);

ALTER TABLE ONLY public.alerts_ruleversion
    ADD CONSTRAINT one_rule_version_per_number UNIQUE (rule_id, number);

ALTER TABLE ONLY public.campaigns_segmentversion
    ADD CONSTRAINT one_segment_version_per_number UNIQUE (segment_id, number);

ALTER TABLE ONLY public.alerts_noticesending
    ADD CONSTRAINT one_sending_per_road UNIQUE (notice_id, road);

ALTER TABLE ONLY public.churn_shadowscore
    ADD CONSTRAINT one_shadow_per_moment UNIQUE (model_id, account_id, as_of);

ALTER TABLE ONLY public.coaching_slate
    ADD CONSTRAINT one_slate_per_key UNIQUE (key);

ALTER TABLE ONLY public.coaching_recommendation
    ADD CONSTRAINT one_slot_per_tip UNIQUE (slate_id, tip_id);

ALTER TABLE ONLY public.campaigns_membership
    ADD CONSTRAINT one_stay_per_entry UNIQUE (segment_id, account_id, entered_at);

ALTER TABLE ONLY public.milestones_streak
    ADD CONSTRAINT one_streak_per_step UNIQUE (account_id, step);

ALTER TABLE ONLY public.messaging_suppression
    ADD CONSTRAINT one_suppression_per_address UNIQUE (channel, address);

ALTER TABLE ONLY public.campaigns_invitation
    ADD CONSTRAINT one_survey_per_quiet_time EXCLUDE USING gist (contact_id WITH =, tstzrange(asked_at, quiet_until, '[)'::text) WITH &&) WHERE ((NOT ((state)::text = 'withdrawn'::text)));

ALTER TABLE ONLY public.metrics_tally
    ADD CONSTRAINT one_tally UNIQUE (measure, dimension, value, owner_id, currency);

ALTER TABLE ONLY public.accounts_ticket
    ADD CONSTRAINT one_ticket_per_id UNIQUE (source, external_id);

ALTER TABLE ONLY public.coaching_recommendation
    ADD CONSTRAINT one_tip_per_slot UNIQUE (slate_id, slot);

ALTER TABLE ONLY public.coaching_tipversion
    ADD CONSTRAINT one_tip_version_per_number UNIQUE (tip_id, number);

ALTER TABLE ONLY public.metrics_toldday
    ADD CONSTRAINT one_told_day UNIQUE (measure, day);

ALTER TABLE ONLY public.campaigns_outsidetouch
    ADD CONSTRAINT one_touch_per_id UNIQUE (source, external_id);

ALTER TABLE ONLY public.milestones_milestonevalue
    ADD CONSTRAINT one_value_per_reading UNIQUE (reading_id, milestone_id);

ALTER TABLE ONLY public.messaging_template
    ADD CONSTRAINT one_version_per_locale UNIQUE (key, channel, locale, version);

ALTER TABLE ONLY public.dashboards_savedview
    ADD CONSTRAINT one_view_per_name UNIQUE (owner_id, name);

ALTER TABLE ONLY public.dashboards_accountvisit
    ADD CONSTRAINT one_visit_row_per_account UNIQUE (user_id, account_id);

ALTER TABLE ONLY public.campaigns_segmentwake
    ADD CONSTRAINT one_wake_per_segment_account UNIQUE (segment_id, account_id);

ALTER TABLE ONLY public.campaigns_weightsversion
    ADD CONSTRAINT one_weights_version_per_number UNIQUE (campaign_id, number);

ALTER TABLE ONLY public.alerts_noticeroad
    ADD CONSTRAINT one_wish_per_road UNIQUE (user_id, road);

ALTER TABLE ONLY public.interventions_passedover
    ADD CONSTRAINT passed_over_once_a_day UNIQUE (play_id, account_id, reason, "on");

ALTER TABLE ONLY public.waffle_flag_groups
    ADD CONSTRAINT waffle_flag_groups_flag_id_group_id_8ba0c71b_uniq UNIQUE (flag_id, group_id);

ALTER TABLE ONLY public.waffle_flag_groups
    ADD CONSTRAINT waffle_flag_groups_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.waffle_flag
    ADD CONSTRAINT waffle_flag_name_key UNIQUE (name);

ALTER TABLE ONLY public.waffle_flag
    ADD CONSTRAINT waffle_flag_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.waffle_flag_users
    ADD CONSTRAINT waffle_flag_users_flag_id_user_id_b46f76b0_uniq UNIQUE (flag_id, user_id);

ALTER TABLE ONLY public.waffle_flag_users
    ADD CONSTRAINT waffle_flag_users_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.waffle_sample
    ADD CONSTRAINT waffle_sample_name_key UNIQUE (name);

ALTER TABLE ONLY public.waffle_sample
    ADD CONSTRAINT waffle_sample_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.waffle_switch
    ADD CONSTRAINT waffle_switch_name_key UNIQUE (name);

ALTER TABLE ONLY public.waffle_switch
    ADD CONSTRAINT waffle_switch_pkey PRIMARY KEY (id);

CREATE INDEX account_by_arr ON public.accounts_account USING btree (arr, id);

CREATE INDEX account_by_beginning ON public.accounts_account USING btree (upper((name)::text) text_pattern_ops, id);

CREATE INDEX account_by_lower_name ON public.accounts_account USING btree (lower((name)::text), id);

CREATE INDEX account_by_name ON public.accounts_account USING btree (name, id);

CREATE INDEX account_by_owner ON public.accounts_account USING btree (owner_id, stage);

CREATE INDEX account_by_renewal ON public.accounts_account USING btree (renews_on, id) WHERE (renews_on IS NOT NULL);

CREATE INDEX account_by_segment ON public.accounts_account USING btree (segment, id);

CREATE INDEX account_by_tier ON public.accounts_account USING btree (tier, id);

CREATE INDEX account_domain_parts ON public.accounts_account USING gin (upper((domain)::text) public.gin_trgm_ops) WITH (fastupdate=off);
ALTER INDEX public.account_domain_parts ALTER COLUMN 1 SET STATISTICS 400;

CREATE INDEX account_id_parts ON public.accounts_account USING gin (upper((external_id)::text) public.gin_trgm_ops) WITH (fastupdate=off);

CREATE INDEX account_name_parts ON public.accounts_account USING gin (upper((name)::text) public.gin_trgm_ops) WITH (fastupdate=off);
ALTER INDEX public.account_name_parts ALTER COLUMN 1 SET STATISTICS 400;

CREATE INDEX account_tally_by_owner ON public.metrics_accounttally USING btree (owner_id, account_id);

CREATE INDEX account_tally_stale ON public.metrics_accounttally USING btree (stale_since, account_id) WHERE (stale_since IS NOT NULL);

CREATE INDEX account_tally_wakes ON public.metrics_accounttally USING btree (wakes_on, account_id) WHERE (wakes_on IS NOT NULL);

CREATE INDEX account_without_renewal ON public.accounts_account USING btree (id) WHERE (renews_on IS NULL);

CREATE INDEX accounts_account_external_id_9b040868_like ON public.accounts_account USING btree (external_id varchar_pattern_ops);

CREATE INDEX accounts_account_parent_id_1cd823ad ON public.accounts_account USING btree (parent_id);

CREATE INDEX accounts_accountrole_user_id_48098cd5 ON public.accounts_accountrole USING btree (user_id);

CREATE INDEX activity_by_account ON ONLY public.accounts_activityevent USING btree (account_id, at DESC);

CREATE INDEX accounts_activityevent_default_account_id_at_idx ON public.accounts_activityevent_default USING btree (account_id, at DESC);

CREATE INDEX activity_by_contact ON ONLY public.accounts_activityevent USING btree (contact_id) WHERE (contact_id IS NOT NULL);

CREATE INDEX accounts_activityevent_default_contact_id_idx ON public.accounts_activityevent_default USING btree (contact_id) WHERE (contact_id IS NOT NULL);

CREATE INDEX activity_by_import ON ONLY public.accounts_activityevent USING btree (import_run_id) WHERE (import_run_id IS NOT NULL);

CREATE INDEX accounts_activityevent_default_import_run_id_idx ON public.accounts_activityevent_default USING btree (import_run_id) WHERE (import_run_id IS NOT NULL);

CREATE INDEX accounts_arrmovement_idem_key_46b01ef2_like ON public.accounts_arrmovement USING btree (idem_key varchar_pattern_ops);

CREATE INDEX accounts_arrmovement_subscription_id_053b19af ON public.accounts_arrmovement USING btree (subscription_id);

CREATE INDEX accounts_contact_account_id_2026f578 ON public.accounts_contact USING btree (account_id);

CREATE INDEX accounts_contact_reports_to_id_333487fa ON public.accounts_contact USING btree (reports_to_id);

CREATE INDEX accounts_eventname_name_e18913af_like ON public.accounts_eventname USING btree (name varchar_pattern_ops);

CREATE INDEX accounts_field_name_8173ffc4_like ON public.accounts_field USING btree (name varchar_pattern_ops);

CREATE INDEX accounts_identity_contact_id_0d4a1d9e ON public.accounts_identity USING btree (contact_id);

CREATE INDEX accounts_identity_merged_id_e7461247 ON public.accounts_identity USING btree (merged_id);

CREATE INDEX accounts_importproblem_run_id_fdb779aa ON public.accounts_importproblem USING btree (run_id);

CREATE INDEX accounts_invoice_external_id_a69829b4_like ON public.accounts_invoice USING btree (external_id varchar_pattern_ops);

CREATE INDEX accounts_note_author_id_71e207e1 ON public.accounts_note USING btree (author_id);

CREATE INDEX accounts_note_contacts_contact_id_4bcc809e ON public.accounts_note_contacts USING btree (contact_id);

CREATE INDEX accounts_note_contacts_note_id_cd60aa86 ON public.accounts_note_contacts USING btree (note_id);

CREATE INDEX accounts_promise_account_id_7eabe98b ON public.accounts_promise USING btree (account_id);

CREATE INDEX accounts_promise_note_id_a21a0598 ON public.accounts_promise USING btree (note_id);

CREATE INDEX accounts_promise_owner_id_f593904e ON public.accounts_promise USING btree (owner_id);

CREATE INDEX accounts_pulse_author_id_8eb916db ON public.accounts_pulse USING btree (author_id);

CREATE INDEX accounts_renewal_subscription_id_9b0c99aa ON public.accounts_renewal USING btree (subscription_id);

CREATE INDEX accounts_renewalcall_author_id_31d536b5 ON public.accounts_renewalcall USING btree (author_id);

CREATE INDEX accounts_subscription_account_id_c3522dc1 ON public.accounts_subscription USING btree (account_id);

CREATE INDEX accounts_subscription_external_id_777b7ce5_like ON public.accounts_subscription USING btree (external_id varchar_pattern_ops);

CREATE INDEX accounts_surveyresponse_contact_id_63276781 ON public.accounts_surveyresponse USING btree (contact_id);

CREATE INDEX accounts_surveyresponse_loop_closed_by_id_41108630 ON public.accounts_surveyresponse USING btree (loop_closed_by_id);

CREATE INDEX accounts_team_name_52f5137c_like ON public.accounts_team USING btree (name varchar_pattern_ops);

CREATE INDEX accounts_ticket_contact_id_4df6de3d ON public.accounts_ticket USING btree (contact_id);

CREATE INDEX accounts_user_email_b2644a56_like ON public.accounts_user USING btree (email varchar_pattern_ops);

CREATE INDEX accounts_user_groups_group_id_bd11a704 ON public.accounts_user_groups USING btree (group_id);

CREATE INDEX accounts_user_groups_user_id_52b62117 ON public.accounts_user_groups USING btree (user_id);

CREATE INDEX accounts_user_team_id_27b7f1fa ON public.accounts_user USING btree (team_id);

CREATE INDEX accounts_user_user_permissions_permission_id_113bb443 ON public.accounts_user_user_permissions USING btree (permission_id);

CREATE INDEX accounts_user_user_permissions_user_id_e4f0a161 ON public.accounts_user_user_permissions USING btree (user_id);

CREATE INDEX advocate_by_cohort ON public.community_advocate USING btree (program_id, joined_at);

CREATE INDEX alert_asleep ON public.alerts_alert USING btree (snoozed_until) WHERE ((state)::text = 'snoozed'::text);

CREATE INDEX alert_by_account ON public.alerts_alert USING btree (account_id, opened_at DESC);

CREATE INDEX alert_by_rule ON public.alerts_alert USING btree (rule_id, opened_at DESC);

CREATE INDEX alert_resolved_newest ON public.alerts_alert USING btree (resolved_at DESC) WHERE ((state)::text = 'resolved'::text);

CREATE INDEX alert_unresolved_newest ON public.alerts_alert USING btree (opened_at DESC) WHERE (NOT ((state)::text = 'resolved'::text));

CREATE INDEX alerts_alert_cause_id_ba78ff3c ON public.alerts_alert USING btree (cause_id);

CREATE INDEX alerts_alert_incident_id_e73ba9b2 ON public.alerts_alert USING btree (incident_id);

CREATE INDEX alerts_alert_owner_id_0c00548a ON public.alerts_alert USING btree (owner_id);

CREATE INDEX alerts_alert_useful_by_id_64314f4a ON public.alerts_alert USING btree (useful_by_id);

CREATE INDEX alerts_alert_version_id_96312d61 ON public.alerts_alert USING btree (version_id);

CREATE INDEX alerts_alertmoment_alert_id_c6bbdcc6 ON public.alerts_alertmoment USING btree (alert_id);

CREATE INDEX alerts_alertmoment_enrolment_id_6a7f560f ON public.alerts_alertmoment USING btree (enrolment_id);

CREATE INDEX alerts_alertmoment_task_id_5828064c ON public.alerts_alertmoment USING btree (task_id);

CREATE INDEX alerts_alertmoment_user_id_740df302 ON public.alerts_alertmoment USING btree (user_id);

CREATE INDEX alerts_alertrule_current_id_eddb43a6 ON public.alerts_alertrule USING btree (current_id);

CREATE INDEX alerts_alertrule_key_7beabcea_like ON public.alerts_alertrule USING btree (key varchar_pattern_ops);

CREATE INDEX alerts_alertsubscription_rule_id_cc2c3b2b ON public.alerts_alertsubscription USING btree (rule_id);

CREATE INDEX alerts_alertsubscription_user_id_d7156414 ON public.alerts_alertsubscription USING btree (user_id);

CREATE INDEX alerts_climb_alert_id_98dd4118 ON public.alerts_climb USING btree (alert_id);

CREATE INDEX alerts_climb_cause_id_1c90c3a7 ON public.alerts_climb USING btree (cause_id);

CREATE INDEX alerts_climb_head_id_9a85d12b ON public.alerts_climb USING btree (head_id);

CREATE INDEX alerts_climb_policy_id_c29fdb10 ON public.alerts_climb USING btree (policy_id);

CREATE INDEX alerts_climbstep_holder_id_411ff7fe ON public.alerts_climbstep USING btree (holder_id);

CREATE INDEX alerts_climbstep_people_climbstep_id_ef3685f3 ON public.alerts_climbstep_people USING btree (climbstep_id);

CREATE INDEX alerts_climbstep_people_user_id_d952f0ba ON public.alerts_climbstep_people USING btree (user_id);

CREATE INDEX alerts_dutymember_user_id_04e41c89 ON public.alerts_dutymember USING btree (user_id);

CREATE INDEX alerts_dutyoverride_user_id_274631c0 ON public.alerts_dutyoverride USING btree (user_id);

CREATE INDEX alerts_dutyrota_key_b4fd6037_like ON public.alerts_dutyrota USING btree (key varchar_pattern_ops);

CREATE INDEX alerts_dutyrota_team_id_86526cb5 ON public.alerts_dutyrota USING btree (team_id);

CREATE INDEX alerts_escalationpolicy_head_id_b44aa73e ON public.alerts_escalationpolicy USING btree (head_id);

CREATE INDEX alerts_escalationpolicy_key_9fcb1560_like ON public.alerts_escalationpolicy USING btree (key varchar_pattern_ops);

CREATE INDEX alerts_incident_account_id_acd3478b ON public.alerts_incident USING btree (account_id);

CREATE INDEX alerts_notice_alert_id_c3b3c21b ON public.alerts_notice USING btree (alert_id);

CREATE INDEX alerts_notice_outside_id_6a2b5b32 ON public.alerts_notice USING btree (outside_id);

CREATE INDEX alerts_outsidechannel_key_ad2b6b9f_like ON public.alerts_outsidechannel USING btree (key varchar_pattern_ops);

CREATE INDEX alerts_policyofrule_policy_id_0b87e762 ON public.alerts_policyofrule USING btree (policy_id);

CREATE INDEX alerts_response_rule_id_962b4d1c ON public.alerts_response USING btree (rule_id);

CREATE INDEX alerts_responserun_alert_id_a767e1f8 ON public.alerts_responserun USING btree (alert_id);

CREATE INDEX alerts_responserun_decided_by_id_fc925136 ON public.alerts_responserun USING btree (decided_by_id);

CREATE INDEX alerts_ruletold_rule_id_ebe6e744 ON public.alerts_ruletold USING btree (rule_id);

CREATE INDEX alerts_ruleversion_written_by_id_b492eb64 ON public.alerts_ruleversion USING btree (written_by_id);

CREATE INDEX alerts_staffbrowser_endpoint_6a4e7a84_like ON public.alerts_staffbrowser USING btree (endpoint varchar_pattern_ops);

CREATE INDEX alerts_staffbrowser_user_id_f16308bc ON public.alerts_staffbrowser USING btree (user_id);

CREATE INDEX alerts_watched_account_id_3df7ce0e ON public.alerts_watched USING btree (account_id);

CREATE INDEX answer_asked ON public.alerts_responserun USING btree (at DESC) WHERE ((state)::text = 'asked'::text);

CREATE INDEX answer_done ON public.alerts_responserun USING btree (response_id, done_at) WHERE (done_at IS NOT NULL);

CREATE INDEX ask_by_account ON public.community_ask USING btree (account_id, id DESC);

CREATE INDEX ask_by_contact ON public.community_ask USING btree (contact_id, kind, asked_at DESC);

CREATE INDEX ask_by_day ON public.community_ask USING btree (asked_at) WHERE (asked_at IS NOT NULL);

CREATE INDEX ask_open ON public.community_ask USING btree (expires_at) WHERE ((state)::text = ANY (ARRAY[('proposed'::character varying)::text, ('asked'::character varying)::text, ('agreed'::character varying)::text]));

CREATE INDEX assignment_by_account ON public.experiments_assignment USING btree (account_id, id DESC);

CREATE INDEX auth_group_name_a6ea08ec_like ON public.auth_group USING btree (name varchar_pattern_ops);

CREATE INDEX auth_group_permissions_group_id_b120cbf9 ON public.auth_group_permissions USING btree (group_id);

CREATE INDEX auth_group_permissions_permission_id_84c5c92e ON public.auth_group_permissions USING btree (permission_id);

CREATE INDEX auth_permission_content_type_id_2f476e4b ON public.auth_permission USING btree (content_type_id);

CREATE INDEX board_seen_by ON public.dashboards_dashboard USING btree (sees, team_id) WHERE (archived_at IS NULL);

CREATE INDEX call_by_age ON public.integrations_apicall USING btree (at);

CREATE INDEX call_by_renewal ON public.accounts_renewalcall USING btree (renewal_id, by, at DESC);

CREATE INDEX campaign_by_trigger ON public.campaigns_campaign USING btree (starts_on) WHERE ((state)::text = 'live'::text);

CREATE INDEX campaign_next ON public.campaigns_campaign USING btree (next_at) WHERE ((state)::text = 'live'::text);

CREATE INDEX campaigns_campaign_current_id_abb5a3a2 ON public.campaigns_campaign USING btree (current_id);

CREATE INDEX campaigns_campaign_key_e8f354c5_like ON public.campaigns_campaign USING btree (key varchar_pattern_ops);

CREATE INDEX campaigns_campaign_segment_id_d271406e ON public.campaigns_campaign USING btree (segment_id);

CREATE INDEX campaigns_goalreached_account_id_094fc0a6 ON public.campaigns_goalreached USING btree (account_id);

CREATE INDEX campaigns_invitation_account_id_b8047b06 ON public.campaigns_invitation USING btree (account_id);

CREATE INDEX campaigns_invitation_contact_id_4a42ee5b ON public.campaigns_invitation USING btree (contact_id);

CREATE INDEX campaigns_invitation_loop_task_id_b5474695 ON public.campaigns_invitation USING btree (loop_task_id);

CREATE INDEX campaigns_invitation_version_id_7481f0cd ON public.campaigns_invitation USING btree (version_id);

CREATE INDEX campaigns_listedaccount_account_id_decb5326 ON public.campaigns_listedaccount USING btree (account_id);

CREATE INDEX campaigns_membership_account_id_330d0003 ON public.campaigns_membership USING btree (account_id);

CREATE INDEX campaigns_membership_version_id_a2fbeeec ON public.campaigns_membership USING btree (version_id);

CREATE INDEX campaigns_occurrence_version_id_e2891de5 ON public.campaigns_occurrence USING btree (version_id);

CREATE INDEX campaigns_outsidetouch_campaign_id_37d74c18 ON public.campaigns_outsidetouch USING btree (campaign_id);

CREATE INDEX campaigns_outsidetouch_contact_id_18f2b761 ON public.campaigns_outsidetouch USING btree (contact_id);

CREATE INDEX campaigns_recipient_account_id_7331f6d7 ON public.campaigns_recipient USING btree (account_id);

CREATE INDEX campaigns_recipient_contact_id_34f5e802 ON public.campaigns_recipient USING btree (contact_id);

CREATE INDEX campaigns_recipient_enrolment_id_5665b2bb ON public.campaigns_recipient USING btree (enrolment_id);

CREATE INDEX campaigns_segment_current_id_895db330 ON public.campaigns_segment USING btree (current_id);

CREATE INDEX campaigns_segment_key_887ee547_like ON public.campaigns_segment USING btree (key varchar_pattern_ops);

CREATE INDEX campaigns_segmentmark_stale_cause_id_480f3ae5 ON public.campaigns_segmentmark USING btree (stale_cause_id);

CREATE INDEX campaigns_segmentwake_account_id_e367fdec ON public.campaigns_segmentwake USING btree (account_id);

CREATE INDEX care_by_time ON public.churn_care USING btree (since, account_id);

CREATE INDEX challenge_standing ON public.community_challengeentry USING btree (challenge_id, count DESC, id);

CREATE INDEX change_by_batch ON public.events_change USING btree (batch, id) WHERE (NOT ((batch)::text = ''::text));

CREATE INDEX change_by_field ON public.events_change USING btree (subject, field, at, id);

CREATE INDEX change_by_moment ON public.events_change USING btree (at);

CREATE INDEX change_by_record ON public.events_change USING btree (recorded_at, id);

CREATE INDEX choice_by_account ON public.experiments_policydecision USING btree (account_id, id DESC);

CREATE INDEX choice_by_milestone ON public.milestones_difficultychoice USING btree (milestone_id, variant);

CREATE INDEX choice_by_outcome ON public.milestones_difficultychoice USING btree (due_at, id) WHERE (reached IS NOT NULL);

CREATE INDEX choice_by_policy ON public.experiments_policydecision USING btree (policy, at);

CREATE INDEX choice_pending ON public.experiments_policydecision USING btree (window_until, id) WHERE (settled_at IS NULL);

CREATE INDEX choice_to_learn ON public.milestones_difficultychoice USING btree (due_at, id) WHERE ((learned_at IS NULL) AND (reached IS NOT NULL));

CREATE INDEX choice_under_way ON public.milestones_difficultychoice USING btree (account_id) WHERE (ended_at IS NULL);

CREATE INDEX churn_accountrisk_prediction_id_b71ee23f ON public.churn_accountrisk USING btree (prediction_id);

CREATE INDEX churn_accountrisk_stale_cause_id_65aeca53 ON public.churn_accountrisk USING btree (stale_cause_id);

CREATE INDEX churn_care_account_id_8f42b4af ON public.churn_care USING btree (account_id);

CREATE INDEX churn_churndefinition_name_a85f1824_like ON public.churn_churndefinition USING btree (name varchar_pattern_ops);

CREATE INDEX churn_modelversion_before_id_36d1a157 ON public.churn_modelversion USING btree (before_id);

CREATE INDEX churn_prediction_model_id_f768a636 ON public.churn_prediction USING btree (model_id);

CREATE INDEX churn_shadowscore_account_id_6f8dc26d ON public.churn_shadowscore USING btree (account_id);

CREATE INDEX churn_trainingrun_definition_id_2798e03d ON public.churn_trainingrun USING btree (definition_id);

CREATE INDEX churn_trainingrun_version_id_06647457 ON public.churn_trainingrun USING btree (version_id);

CREATE INDEX claim_by_account ON public.milestones_rewardclaim USING btree (account_id, created_at DESC);

CREATE INDEX claim_by_day ON public.milestones_rewardclaim USING btree (account_id, rule_id, day);

CREATE INDEX claim_by_expiry ON public.milestones_rewardclaim USING btree (expires_at) WHERE ((expires_at IS NOT NULL) AND ((state)::text = 'granted'::text));

CREATE INDEX claim_by_moment ON public.milestones_rewardclaim USING btree (created_at);

CREATE INDEX claim_standing ON public.milestones_claim USING btree (account_id, milestone_id) WHERE (withdrawn_at IS NULL);

CREATE INDEX claim_waiting ON public.milestones_rewardclaim USING btree (created_at, id) WHERE ((state)::text = 'held'::text);

CREATE INDEX click_by_advocate ON public.community_referralclick USING btree (advocate_id, at DESC);

CREATE INDEX click_by_network ON public.community_referralclick USING btree (network, at) WHERE (NOT ((network)::text = ''::text));

CREATE INDEX climb_newest ON public.alerts_climb USING btree (started_at DESC);

CREATE INDEX climb_step_done ON public.alerts_climbstep USING btree (done_at);

CREATE INDEX climb_step_due ON public.alerts_climbstep USING btree (due_at) WHERE (done_at IS NULL);

CREATE INDEX coaching_coachingprofile_fit_id_45105764 ON public.coaching_coachingprofile USING btree (fit_id);

CREATE INDEX coaching_coachingprofile_pattern_id_c4a4e031 ON public.coaching_coachingprofile USING btree (pattern_id);

CREATE INDEX coaching_pattern_key_28aca17e_like ON public.coaching_pattern USING btree (key varchar_pattern_ops);

CREATE INDEX coaching_recommendation_version_id_8c1f4707 ON public.coaching_recommendation USING btree (version_id);

CREATE INDEX coaching_session_coach_id_339e348c ON public.coaching_session USING btree (coach_id);

CREATE INDEX coaching_session_contact_id_3cf4a594 ON public.coaching_session USING btree (contact_id);

CREATE INDEX coaching_session_promises_promise_id_f564505e ON public.coaching_session_promises USING btree (promise_id);

CREATE INDEX coaching_session_promises_session_id_cf1f9dd1 ON public.coaching_session_promises USING btree (session_id);

CREATE INDEX coaching_session_strategy_id_03055e57 ON public.coaching_session USING btree (strategy_id);

CREATE INDEX coaching_slate_pattern_id_66e5e52e ON public.coaching_slate USING btree (pattern_id);

CREATE INDEX coaching_strategy_key_7f5d1f43_like ON public.coaching_strategy USING btree (key varchar_pattern_ops);

CREATE INDEX coaching_tip_current_id_e267aa56 ON public.coaching_tip USING btree (current_id);

CREATE INDEX coaching_tip_key_8d9d5ab5_like ON public.coaching_tip USING btree (key varchar_pattern_ops);

CREATE INDEX coaching_tipanswerrow_recommendation_id_5829b697 ON public.coaching_tipanswerrow USING btree (recommendation_id);

CREATE INDEX community_advocate_account_id_0e378d3c ON public.community_advocate USING btree (account_id);

CREATE INDEX community_advocate_code_7fe97171_like ON public.community_advocate USING btree (code varchar_pattern_ops);

CREATE INDEX community_advocate_contact_id_f65e01ab ON public.community_advocate USING btree (contact_id);

CREATE INDEX community_ask_cause_id_59ccd1ec ON public.community_ask USING btree (cause_id);

CREATE INDEX community_ask_message_id_395939e0 ON public.community_ask USING btree (message_id);

CREATE INDEX community_challenge_key_5fd7ee66_like ON public.community_challenge USING btree (key varchar_pattern_ops);

CREATE INDEX community_challenge_milestone_id_d2abaa0d ON public.community_challenge USING btree (milestone_id);

CREATE INDEX community_challengeentry_account_id_99827214 ON public.community_challengeentry USING btree (account_id);

CREATE INDEX community_challengeentry_contact_id_88ab9b67 ON public.community_challengeentry USING btree (contact_id);

CREATE INDEX community_favour_contact_id_0b0347a4 ON public.community_favour USING btree (contact_id);

CREATE INDEX community_favour_key_4398c65d_like ON public.community_favour USING btree (key varchar_pattern_ops);

CREATE INDEX community_invite_account_id_b3d36d66 ON public.community_invite USING btree (account_id);

CREATE INDEX community_invite_message_id_26b849f6 ON public.community_invite USING btree (message_id);

CREATE INDEX community_moment_cause_id_8e5f1c4e ON public.community_moment USING btree (cause_id);

CREATE INDEX community_moment_contact_id_139ae2b7 ON public.community_moment USING btree (contact_id);

CREATE INDEX community_momentmark_stale_cause_id_a1b69ff0 ON public.community_momentmark USING btree (stale_cause_id);

CREATE INDEX community_referral_account_id_d08cb5cd ON public.community_referral USING btree (account_id);

CREATE INDEX community_referral_click_id_667a8832 ON public.community_referral USING btree (click_id);

CREATE INDEX community_referral_friend_account_id_170c3fdd ON public.community_referral USING btree (friend_account_id);

CREATE INDEX community_referral_invite_id_4f90d559 ON public.community_referral USING btree (invite_id);

CREATE INDEX community_referral_key_f116c2db_like ON public.community_referral USING btree (key varchar_pattern_ops);

CREATE INDEX community_referral_program_id_e378993c ON public.community_referral USING btree (program_id);

CREATE INDEX community_referral_version_id_757e8eac ON public.community_referral USING btree (version_id);

CREATE INDEX community_referralclick_account_id_744e950e ON public.community_referralclick USING btree (account_id);

CREATE INDEX community_referralclick_invite_id_6af37de6 ON public.community_referralclick USING btree (invite_id);

CREATE INDEX community_referralclick_program_id_35d54e82 ON public.community_referralclick USING btree (program_id);

CREATE INDEX community_referraldecision_account_id_697c401c ON public.community_referraldecision USING btree (account_id);

CREATE INDEX community_referralprogram_current_id_ebb7199b ON public.community_referralprogram USING btree (current_id);

CREATE INDEX community_referralprogram_key_9e6f8630_like ON public.community_referralprogram USING btree (key varchar_pattern_ops);

CREATE INDEX community_referralreward_account_id_4018fb34 ON public.community_referralreward USING btree (account_id);

CREATE INDEX community_statement_key_22470a95_like ON public.community_statement USING btree (key varchar_pattern_ops);

CREATE INDEX community_statement_milestone_id_07dda94d ON public.community_statement USING btree (milestone_id);

CREATE INDEX consent_newest ON public.messaging_consent USING btree (contact_id, channel, topic, at DESC, id DESC);

CREATE INDEX contact_email_parts ON public.accounts_contact USING gin (upper((email)::text) public.gin_trgm_ops);

CREATE INDEX contact_id_parts ON public.accounts_contact USING gin (upper((external_id)::text) public.gin_trgm_ops);

CREATE INDEX contact_name_parts ON public.accounts_contact USING gin (upper((name)::text) public.gin_trgm_ops);

CREATE INDEX dashboards_accountvisit_account_id_0b517699 ON public.dashboards_accountvisit USING btree (account_id);

CREATE INDEX dashboards_dashboard_current_id_51bc706a ON public.dashboards_dashboard USING btree (current_id);

CREATE INDEX dashboards_dashboard_key_31a00fd8_like ON public.dashboards_dashboard USING btree (key varchar_pattern_ops);

CREATE INDEX dashboards_dashboard_owner_id_be824c67 ON public.dashboards_dashboard USING btree (owner_id);

CREATE INDEX dashboards_dashboard_team_id_c46a6631 ON public.dashboards_dashboard USING btree (team_id);

CREATE INDEX dashboards_dashboarddraft_user_id_bb823131 ON public.dashboards_dashboarddraft USING btree (user_id);

CREATE INDEX dashboards_dashboardversion_created_by_id_0485b734 ON public.dashboards_dashboardversion USING btree (created_by_id);

CREATE INDEX dashboards_pathdraft_changed_by_id_d06cba3c ON public.dashboards_pathdraft USING btree (changed_by_id);

CREATE INDEX dashboards_sharelink_dashboard_id_0fe23f09 ON public.dashboards_sharelink USING btree (dashboard_id);

CREATE INDEX dashboards_sharelink_made_by_id_d5408d50 ON public.dashboards_sharelink USING btree (made_by_id);

CREATE INDEX decision_by_account ON public.messaging_decision USING btree (account_id, id DESC);

CREATE INDEX decision_by_message ON public.messaging_decision USING btree (message_id, id DESC);

CREATE INDEX decision_by_state ON public.messaging_decision USING btree (state, id DESC);

CREATE INDEX delivery_given_up ON public.events_delivery USING btree (id) WHERE ((state)::text = 'failed'::text);

CREATE INDEX delivery_waiting ON public.events_delivery USING btree (due_at) WHERE ((state)::text = 'pending'::text);

CREATE INDEX digest_open ON public.messaging_digest USING btree (closes_at) WHERE (closed_at IS NULL);

CREATE INDEX django_admin_log_content_type_id_c4bce8eb ON public.django_admin_log USING btree (content_type_id);

CREATE INDEX django_admin_log_user_id_c564eba6 ON public.django_admin_log USING btree (user_id);

CREATE INDEX django_celery_beat_periodictask_clocked_id_47a69f82 ON public.django_celery_beat_periodictask USING btree (clocked_id);

CREATE INDEX django_celery_beat_periodictask_crontab_id_d3cba168 ON public.django_celery_beat_periodictask USING btree (crontab_id);

CREATE INDEX django_celery_beat_periodictask_interval_id_a8ca27da ON public.django_celery_beat_periodictask USING btree (interval_id);

CREATE INDEX django_celery_beat_periodictask_name_265a36b7_like ON public.django_celery_beat_periodictask USING btree (name varchar_pattern_ops);

CREATE INDEX django_celery_beat_periodictask_solar_id_a87ce72c ON public.django_celery_beat_periodictask USING btree (solar_id);

CREATE INDEX django_session_expire_date_a5c62663 ON public.django_session USING btree (expire_date);

CREATE INDEX django_session_session_key_c0390e0f_like ON public.django_session USING btree (session_key varchar_pattern_ops);

CREATE INDEX enrolment_by_account ON public.interventions_enrolment USING btree (account_id, id DESC);

CREATE INDEX enrolment_due ON public.interventions_enrolment USING btree (due_at, id) WHERE ((NOT paused) AND ((state)::text = 'waiting'::text));

CREATE INDEX enrolment_to_judge ON public.interventions_enrolment USING btree (window_ends_at) WHERE (judged_at IS NULL);

CREATE INDEX enrolment_waiting_for ON public.interventions_enrolment USING btree (account_id) WHERE (((state)::text = 'waiting'::text) AND (NOT ((waits_for)::text = ''::text)));

CREATE INDEX escalation_step_due ON public.interventions_escalationstep USING btree (due_at) WHERE (done_at IS NULL);

CREATE INDEX event_by_cause ON public.events_event USING btree (cause_id) WHERE (cause_id IS NOT NULL);

CREATE INDEX event_by_subject ON public.events_event USING btree (subject, id DESC);

CREATE INDEX event_by_type ON public.events_event USING btree (type, id DESC);

CREATE INDEX events_change_cause_id_c0512da5 ON public.events_change USING btree (cause_id);

CREATE INDEX events_heartbeat_name_d911fb16_like ON public.events_heartbeat USING btree (name varchar_pattern_ops);

CREATE INDEX events_jobrun_name_7a09aa90_like ON public.events_jobrun USING btree (name varchar_pattern_ops);

CREATE INDEX experiments_experiment_key_920d2421_like ON public.experiments_experiment USING btree (key varchar_pattern_ops);

CREATE INDEX experiments_exposure_account_id_6bc6d88c ON public.experiments_exposure USING btree (account_id);

CREATE INDEX experiments_holdout_salt_95106739_like ON public.experiments_holdout USING btree (salt varchar_pattern_ops);

CREATE INDEX experiments_outcomerow_account_id_c9a43954 ON public.experiments_outcomerow USING btree (account_id);

CREATE INDEX experiments_override_account_id_e6346c38 ON public.experiments_override USING btree (account_id);

CREATE INDEX experiments_policydecision_contact_id_08e504bd ON public.experiments_policydecision USING btree (contact_id);

CREATE INDEX experiments_segmentrhythm_segment_fa850213_like ON public.experiments_segmentrhythm USING btree (segment varchar_pattern_ops);

CREATE INDEX exposure_by_time ON public.experiments_exposure USING btree (experiment_id, at);

CREATE INDEX favour_by_account ON public.community_favour USING btree (account_id, at);

CREATE INDEX favour_owed ON public.community_favour USING btree (contact_id) WHERE (thanked_at IS NULL);

CREATE INDEX goal_reading_due ON public.coaching_goalreading USING btree (due_at, id) WHERE (read_at IS NULL);

CREATE INDEX health_accounthealth_latest_id_bff51b9e ON public.health_accounthealth USING btree (latest_id);

CREATE INDEX health_accounthealth_model_id_9b8a6323 ON public.health_accounthealth USING btree (model_id);

CREATE INDEX health_accounthealth_stale_cause_id_0b42f0ab ON public.health_accounthealth USING btree (stale_cause_id);

CREATE INDEX health_backtest_asked ON public.health_healthmodel USING btree (backtest_asked_at) WHERE (backtest_asked_at IS NOT NULL);

CREATE INDEX health_by_score ON public.health_accounthealth USING btree (score, account_id) WHERE (score IS NOT NULL);

CREATE INDEX health_feed_name_639a676f_like ON public.health_feed USING btree (name varchar_pattern_ops);

CREATE INDEX health_healthscore_cause_id_789c3ec9 ON public.health_healthscore USING btree (cause_id);

CREATE INDEX health_healthscore_model_id_427e6a0b ON public.health_healthscore USING btree (model_id);

CREATE INDEX health_lowest_first ON public.health_accounthealth USING btree (score, id);

CREATE INDEX health_oldest_first ON public.health_accounthealth USING btree (as_of);

CREATE INDEX health_score_by_account ON public.health_healthscore USING btree (account_id, as_of DESC, id DESC);

CREATE INDEX health_stale ON public.health_accounthealth USING btree (stale_since) WHERE (stale_since IS NOT NULL);

CREATE INDEX hold_by_series ON public.messaging_hold USING btree (series) WHERE (NOT ((series)::text = ''::text));

CREATE INDEX holdout_by_account ON public.experiments_holdoutmember USING btree (account_id, id DESC);

CREATE INDEX holdout_by_key ON public.experiments_holdout USING btree (key, starts_at);

CREATE INDEX hour_tally_by_owner ON public.metrics_hourtally USING btree (measure, owner_id, day);

CREATE INDEX import_newest_first ON public.accounts_importrun USING btree (started_at DESC);

CREATE UNIQUE INDEX in_a_segment_once ON public.campaigns_membership USING btree (segment_id, account_id) WHERE (left_at IS NULL);

CREATE INDEX integrations_apikey_name_9f13f45b_like ON public.integrations_apikey USING btree (name varchar_pattern_ops);

CREATE INDEX integrations_apikey_owner_id_e4f8db88 ON public.integrations_apikey USING btree (owner_id);

CREATE INDEX integrations_apikey_prefix_d6b87be4_like ON public.integrations_apikey USING btree (prefix varchar_pattern_ops);

CREATE INDEX integrations_rejection_source_id_07f445c4 ON public.integrations_rejection USING btree (source_id);

CREATE INDEX integrations_source_key_hash_306797cb_like ON public.integrations_source USING btree (key_hash varchar_pattern_ops);

CREATE INDEX integrations_source_name_86502baa_like ON public.integrations_source USING btree (name varchar_pattern_ops);

CREATE INDEX integrations_webhookdelivery_account_id_fc36b81f ON public.integrations_webhookdelivery USING btree (account_id);

CREATE INDEX integrations_webhookdelivery_event_id_233f606b ON public.integrations_webhookdelivery USING btree (event_id);

CREATE INDEX integrations_webhookdelivery_message_id_9839abae_like ON public.integrations_webhookdelivery USING btree (message_id varchar_pattern_ops);

CREATE INDEX interventions_enrolment_cause_id_7db29d79 ON public.interventions_enrolment USING btree (cause_id);

CREATE INDEX interventions_enrolment_contact_id_ae4f186f ON public.interventions_enrolment USING btree (contact_id);

CREATE INDEX interventions_enrolment_play_id_9947b079 ON public.interventions_enrolment USING btree (play_id);

CREATE INDEX interventions_enrolment_prediction_id_17da8978 ON public.interventions_enrolment USING btree (prediction_id);

CREATE INDEX interventions_enrolment_version_id_e3abbe09 ON public.interventions_enrolment USING btree (version_id);

CREATE INDEX interventions_escalation_cause_id_1d26c763 ON public.interventions_escalation USING btree (cause_id);

CREATE INDEX interventions_escalation_ladder_id_7af48e47 ON public.interventions_escalation USING btree (ladder_id);

CREATE INDEX interventions_escalation_task_id_c74521a0 ON public.interventions_escalation USING btree (task_id);

CREATE INDEX interventions_escalationstep_person_id_600ee6de ON public.interventions_escalationstep USING btree (person_id);

CREATE INDEX interventions_fit_account_id_400e2013 ON public.interventions_fit USING btree (account_id);

CREATE INDEX interventions_ladder_head_id_a6583d25 ON public.interventions_ladder USING btree (head_id);

CREATE INDEX interventions_passedover_cause_id_a4b30a2f ON public.interventions_passedover USING btree (cause_id);

CREATE INDEX interventions_play_current_id_5dbb5ac1 ON public.interventions_play USING btree (current_id);

CREATE INDEX interventions_play_key_8ac2e6f8_like ON public.interventions_play USING btree (key varchar_pattern_ops);

CREATE INDEX interventions_steprecord_decision_id_42a8eb77 ON public.interventions_steprecord USING btree (decision_id);

CREATE INDEX interventions_steprecord_message_id_413ed7df ON public.interventions_steprecord USING btree (message_id);

CREATE INDEX interventions_task_account_id_24e9db3b ON public.interventions_task USING btree (account_id);

CREATE INDEX interventions_task_cause_id_0cddaa55 ON public.interventions_task USING btree (cause_id);

CREATE INDEX interventions_task_enrolment_id_f18ea7c4 ON public.interventions_task USING btree (enrolment_id);

CREATE INDEX interventions_task_owner_id_504aad95 ON public.interventions_task USING btree (owner_id);

CREATE INDEX interventions_tasksource_cause_id_40a92b30 ON public.interventions_tasksource USING btree (cause_id);

CREATE INDEX interventions_tasksource_enrolment_id_4306e9b1 ON public.interventions_tasksource USING btree (enrolment_id);

CREATE INDEX invitation_by_campaign ON public.campaigns_invitation USING btree (campaign_id, asked_at);

CREATE INDEX invitation_loop ON public.campaigns_invitation USING btree (loop_due_at) WHERE ((loop_due_at IS NOT NULL) AND (loop_overdue_at IS NULL));

CREATE INDEX invitation_open ON public.campaigns_invitation USING btree (asked_at) WHERE ((state)::text = 'asked'::text);

CREATE INDEX invite_by_advocate ON public.community_invite USING btree (advocate_id, at DESC);

CREATE INDEX invite_by_domain ON public.community_invite USING btree (program_id, domain) WHERE (NOT ((domain)::text = ''::text));

CREATE INDEX invoice_by_account ON public.accounts_invoice USING btree (account_id, due_on DESC);

CREATE UNIQUE INDEX left_out_once_per_occurrence ON public.campaigns_recipient USING btree (occurrence_id, account_id) WHERE (contact_id IS NULL);

CREATE INDEX membership_by_account ON public.campaigns_membership USING btree (account_id, segment_id) WHERE (left_at IS NULL);

CREATE INDEX message_by_account ON public.messaging_message USING btree (account_id, id DESC);

CREATE INDEX message_by_contact ON public.messaging_message USING btree (contact_id, claimed_at);

CREATE INDEX message_by_guest ON public.messaging_message USING btree (guest, claimed_at) WHERE (NOT ((guest)::text = ''::text));

CREATE INDEX message_by_number ON public.messaging_message USING btree (address, claimed_at DESC) WHERE ((channel)::text = ANY (ARRAY[('sms'::character varying)::text, ('whatsapp'::character varying)::text, ('voice'::character varying)::text]));

CREATE INDEX message_by_provider_id ON public.messaging_message USING btree (provider_message_id) WHERE (NOT ((provider_message_id)::text = ''::text));

CREATE INDEX message_by_series ON public.messaging_message USING btree (series, state) WHERE (NOT ((series)::text = ''::text));

CREATE INDEX message_claimed ON public.messaging_message USING btree (claimed_at) WHERE (claimed_at IS NOT NULL);

CREATE INDEX message_due ON public.messaging_message USING btree (channel, lane_rank, due_at) WHERE ((state)::text = ANY (ARRAY[('queued'::character varying)::text, ('held'::character varying)::text]));

CREATE INDEX message_in_digest ON public.messaging_message USING btree (digest_id) WHERE (digest_id IS NOT NULL);

CREATE INDEX message_leased ON public.messaging_message USING btree (lease_until) WHERE ((state)::text = 'sending'::text);

CREATE INDEX message_priced ON public.messaging_message USING btree (claimed_at) WHERE (cost_estimate IS NOT NULL);

CREATE INDEX message_rivals ON public.messaging_message USING btree (contact_id, lane_rank) WHERE ((state)::text = ANY (ARRAY[('queued'::character varying)::text, ('held'::character varying)::text]));

CREATE INDEX message_unknown ON public.messaging_message USING btree (claimed_at) WHERE ((state)::text = 'unknown'::text);

CREATE INDEX messaging_digest_contact_id_f0aa8147 ON public.messaging_digest USING btree (contact_id);

CREATE INDEX messaging_hold_account_id_5f58c2d6 ON public.messaging_hold USING btree (account_id);

CREATE INDEX messaging_hold_source_cb118e53_like ON public.messaging_hold USING btree (source varchar_pattern_ops);

CREATE INDEX messaging_message_approver_id_0f152cc0 ON public.messaging_message USING btree (approver_id);

CREATE INDEX messaging_message_cause_id_1841fc95 ON public.messaging_message USING btree (cause_id);

CREATE INDEX messaging_message_digest_id_c618ad1d ON public.messaging_message USING btree (digest_id);

CREATE INDEX messaging_message_idem_key_fae8fda8_like ON public.messaging_message USING btree (idem_key varchar_pattern_ops);

CREATE INDEX messaging_message_reply_token_5d223010_like ON public.messaging_message USING btree (reply_token varchar_pattern_ops);

CREATE INDEX messaging_message_template_id_922791e8 ON public.messaging_message USING btree (template_id);

CREATE INDEX messaging_providerevent_contact_id_001b81e9 ON public.messaging_providerevent USING btree (contact_id);

CREATE INDEX messaging_providerevent_message_id_52476c01 ON public.messaging_providerevent USING btree (message_id);

CREATE INDEX messaging_providerhealth_provider_a0374cb3_like ON public.messaging_providerhealth USING btree (provider varchar_pattern_ops);

CREATE INDEX messaging_pushsubscription_contact_id_4cc92cc0 ON public.messaging_pushsubscription USING btree (contact_id);

CREATE INDEX messaging_pushsubscription_endpoint_731fe9c5_like ON public.messaging_pushsubscription USING btree (endpoint varchar_pattern_ops);

CREATE INDEX metrics_accounttally_stale_cause_id_4fc8c104 ON public.metrics_accounttally USING btree (stale_cause_id);

CREATE INDEX metrics_moved_measure_8c179438_like ON public.metrics_moved USING btree (measure varchar_pattern_ops);

CREATE INDEX milestone_choice_by_account ON public.milestones_difficultychoice USING btree (account_id, id DESC);

CREATE INDEX milestones_badge_key_841cd615_like ON public.milestones_badge USING btree (key varchar_pattern_ops);

CREATE INDEX milestones_badge_milestone_id_8be99057 ON public.milestones_badge USING btree (milestone_id);

CREATE INDEX milestones_badgeaward_badge_id_d30ae573 ON public.milestones_badgeaward USING btree (badge_id);

CREATE INDEX milestones_board_key_b8c00a0e_like ON public.milestones_board USING btree (key varchar_pattern_ops);

CREATE INDEX milestones_boardplace_account_id_2426ec5e ON public.milestones_boardplace USING btree (account_id);

CREATE INDEX milestones_boardplace_contact_id_80882659 ON public.milestones_boardplace USING btree (contact_id);

CREATE INDEX milestones_catalogueitem_key_5a6199e6_like ON public.milestones_catalogueitem USING btree (key varchar_pattern_ops);

CREATE INDEX milestones_claim_milestone_id_b4fc44bc ON public.milestones_claim USING btree (milestone_id);

CREATE INDEX milestones_difficultychoice_version_id_bcf76055 ON public.milestones_difficultychoice USING btree (version_id);

CREATE INDEX milestones_milestone_current_id_68e94bbb ON public.milestones_milestone USING btree (current_id);

CREATE INDEX milestones_milestone_key_8bb3dd04_like ON public.milestones_milestone USING btree (key varchar_pattern_ops);

CREATE INDEX milestones_milestonevalue_milestone_id_a15e2a8d ON public.milestones_milestonevalue USING btree (milestone_id);

CREATE INDEX milestones_need_needed_id_d9a2d3ea ON public.milestones_need USING btree (needed_id);

CREATE INDEX milestones_pathchoice_ahead_id_74bdbcd5 ON public.milestones_pathchoice USING btree (ahead_id);

CREATE INDEX milestones_pathchoice_milestone_id_883d9a3e ON public.milestones_pathchoice USING btree (milestone_id);

CREATE INDEX milestones_pathchoice_reading_id_555a0c7c ON public.milestones_pathchoice USING btree (reading_id);

CREATE INDEX milestones_pathmark_stale_cause_id_3b8ad390 ON public.milestones_pathmark USING btree (stale_cause_id);

CREATE INDEX milestones_progress_version_id_6d5c305e ON public.milestones_progress USING btree (version_id);

CREATE INDEX milestones_redemption_contact_id_af3b6e8b ON public.milestones_redemption USING btree (contact_id);

CREATE INDEX milestones_redemption_idem_key_35ae2242_like ON public.milestones_redemption USING btree (idem_key varchar_pattern_ops);

CREATE INDEX milestones_redemption_item_id_2c3a415e ON public.milestones_redemption USING btree (item_id);

CREATE INDEX milestones_rewardbalance_budget_id_a1d3baa0 ON public.milestones_rewardbalance USING btree (budget_id);

CREATE INDEX milestones_rewardclaim_budget_id_917d9904 ON public.milestones_rewardclaim USING btree (budget_id);

CREATE INDEX milestones_rewardclaim_contact_id_56919423 ON public.milestones_rewardclaim USING btree (contact_id);

CREATE INDEX milestones_rewardclaim_rule_id_65c34f33 ON public.milestones_rewardclaim USING btree (rule_id);

CREATE INDEX milestones_rewardmovement_budget_id_cf516303 ON public.milestones_rewardmovement USING btree (budget_id);

CREATE INDEX milestones_rewardmovement_claim_id_1ebfb72b ON public.milestones_rewardmovement USING btree (claim_id);

CREATE INDEX milestones_rewardmovement_idem_key_dcca5fa9_like ON public.milestones_rewardmovement USING btree (idem_key varchar_pattern_ops);

CREATE INDEX milestones_rewardmovement_redemption_id_7a7292d0 ON public.milestones_rewardmovement USING btree (redemption_id);

CREATE INDEX milestones_rewardrule_key_275afa6a_like ON public.milestones_rewardrule USING btree (key varchar_pattern_ops);

CREATE INDEX milestones_rewardrule_milestone_id_8866a9ee ON public.milestones_rewardrule USING btree (milestone_id);

CREATE INDEX milestones_streakpause_account_id_2261ede7 ON public.milestones_streakpause USING btree (account_id);

CREATE INDEX milestones_tier_key_8f5a75fa_like ON public.milestones_tier USING btree (key varchar_pattern_ops);

CREATE INDEX moment_by_account ON public.community_moment USING btree (account_id, id DESC);

CREATE INDEX moment_by_day ON public.community_moment USING btree (found_at, account_id);

CREATE INDEX moment_mark_waiting ON public.community_momentmark USING btree (stale_since, id) WHERE (stale_since IS NOT NULL);

CREATE INDEX moment_open ON public.community_moment USING btree (expires_at) WHERE (closed_at IS NULL);

CREATE INDEX movement_by_account ON public.accounts_arrmovement USING btree (account_id, effective_on, id);

CREATE INDEX movement_by_day ON public.accounts_arrmovement USING btree (effective_on, id);

CREATE INDEX note_by_account ON public.accounts_note USING btree (account_id, at DESC);

CREATE INDEX notice_due ON public.alerts_noticesending USING btree (due_at) WHERE ((state)::text = 'waiting'::text);

CREATE INDEX notice_leased ON public.alerts_noticesending USING btree (lease_until) WHERE ((state)::text = 'sending'::text);

CREATE INDEX notice_of_user ON public.alerts_notice USING btree (user_id, at DESC);

CREATE INDEX notice_unread ON public.alerts_notice USING btree (user_id) WHERE (in_app AND (read_at IS NULL));

CREATE INDEX occurrence_at_work ON public.campaigns_occurrence USING btree (due_at) WHERE ((state)::text = ANY (ARRAY[('planned'::character varying)::text, ('freezing'::character varying)::text, ('sending'::character varying)::text]));

CREATE UNIQUE INDEX one_climb_per_cause ON public.alerts_climb USING btree (cause_id) WHERE (cause_id IS NOT NULL);

CREATE UNIQUE INDEX one_climb_under_way ON public.alerts_climb USING btree (alert_id) WHERE ((state)::text = ANY (ARRAY[('running'::character varying)::text, ('paused'::character varying)::text]));

CREATE UNIQUE INDEX one_contact_per_external_id ON public.accounts_contact USING btree (external_id) WHERE (NOT ((external_id)::text = ''::text));

CREATE UNIQUE INDEX one_default_definition ON public.churn_churndefinition USING btree (is_default) WHERE is_default;

CREATE UNIQUE INDEX one_enrolment_per_trigger ON public.interventions_enrolment USING btree (play_id, trigger_key) WHERE (NOT ((trigger_key)::text = ''::text));

CREATE UNIQUE INDEX one_entry_per_person ON public.community_challengeentry USING btree (challenge_id, contact_id) WHERE (NOT team);

CREATE UNIQUE INDEX one_entry_per_team ON public.community_challengeentry USING btree (challenge_id, account_id) WHERE team;

CREATE UNIQUE INDEX one_key_per_old_prefix ON public.integrations_apikey USING btree (old_prefix) WHERE (NOT ((old_prefix)::text = ''::text));

CREATE UNIQUE INDEX one_model_call_per_checkpoint ON public.accounts_renewalcall USING btree (renewal_id, checkpoint) WHERE ((by)::text = 'model'::text);

CREATE UNIQUE INDEX one_notice_per_channel_and_cause ON public.alerts_notice USING btree (outside_id, key) WHERE (outside_id IS NOT NULL);

CREATE UNIQUE INDEX one_notice_per_person_and_cause ON public.alerts_notice USING btree (user_id, key) WHERE (user_id IS NOT NULL);

CREATE UNIQUE INDEX one_open_digest ON public.messaging_digest USING btree (contact_id, channel, key) WHERE (closed_at IS NULL);

CREATE UNIQUE INDEX one_open_incident ON public.alerts_incident USING btree (account_id) WHERE (closed_at IS NULL);

CREATE UNIQUE INDEX one_open_renewal_per_contract ON public.accounts_renewal USING btree (subscription_id) WHERE (((state)::text = 'open'::text) AND (subscription_id IS NOT NULL));

CREATE UNIQUE INDEX one_open_task_per_matter ON public.interventions_task USING btree (dedup_key) WHERE ((state)::text = 'open'::text);

CREATE UNIQUE INDEX one_open_training ON public.churn_trainingrun USING btree (definition_id) WHERE ((state)::text = ANY (ARRAY[('queued'::character varying)::text, ('running'::character varying)::text]));

CREATE UNIQUE INDEX one_person_per_identity ON public.accounts_identity USING btree (external_id) WHERE (undone_at IS NULL);

CREATE UNIQUE INDEX one_published_health_model ON public.health_healthmodel USING btree (whom_field, whom_value) WHERE ((state)::text = 'published'::text);

CREATE UNIQUE INDEX one_referral_per_friend ON public.community_referral USING btree (program_id, friend) WHERE ((NOT ((state)::text = 'refused'::text)) AND (NOT ((friend)::text = ''::text)));

CREATE UNIQUE INDEX one_referral_per_friends_account ON public.community_referral USING btree (program_id, friend_external_id) WHERE ((NOT ((state)::text = 'refused'::text)) AND (NOT ((friend_external_id)::text = ''::text)));

CREATE UNIQUE INDEX one_rejection_per_message ON public.integrations_rejection USING btree (source_id, message_id) WHERE (NOT ((message_id)::text = ''::text));

CREATE UNIQUE INDEX one_renewal_per_account_day ON public.accounts_renewal USING btree (account_id, due_on) WHERE (subscription_id IS NULL);

CREATE UNIQUE INDEX one_renewal_per_contract_day ON public.accounts_renewal USING btree (subscription_id, due_on) WHERE (subscription_id IS NOT NULL);

CREATE UNIQUE INDEX one_running_enrolment ON public.interventions_enrolment USING btree (play_id, account_id) WHERE (exclusive AND (NOT ((state)::text = 'ended'::text)));

CREATE UNIQUE INDEX one_running_escalation ON public.interventions_escalation USING btree (task_id) WHERE ((state)::text = 'running'::text);

CREATE UNIQUE INDEX one_running_holdout ON public.experiments_holdout USING btree (key) WHERE ((state)::text = 'running'::text);

CREATE UNIQUE INDEX one_subscription_per_rule ON public.alerts_alertsubscription USING btree (user_id, rule_id) WHERE (rule_id IS NOT NULL);

CREATE UNIQUE INDEX one_subscription_per_severity ON public.alerts_alertsubscription USING btree (user_id, severity) WHERE (rule_id IS NULL);

CREATE UNIQUE INDEX one_unresolved_alert ON public.alerts_alert USING btree (dedup_key) WHERE (NOT ((state)::text = 'resolved'::text));

CREATE UNIQUE INDEX one_user_per_email ON public.accounts_user USING btree (lower((email)::text));

CREATE UNIQUE INDEX one_usual_policy ON public.alerts_escalationpolicy USING btree (is_default) WHERE is_default;

CREATE INDEX outcome_by_account ON public.experiments_outcomerow USING btree (experiment_id, metric, account_id, at);

CREATE INDEX override_by_account ON public.experiments_override USING btree (experiment_id, account_id, id DESC);

CREATE INDEX override_by_rota ON public.alerts_dutyoverride USING btree (rota_id, ends_at);

CREATE INDEX passed_over_by_account ON public.interventions_passedover USING btree (account_id, at DESC);

CREATE INDEX path_choice_by_account ON public.milestones_pathchoice USING btree (account_id, id DESC);

CREATE INDEX path_mark_waiting ON public.milestones_pathmark USING btree (stale_since, id) WHERE (stale_since IS NOT NULL);

CREATE INDEX place_in_order ON public.milestones_boardplace USING btree (board_id, "group", points DESC, id DESC);

CREATE INDEX play_by_trigger ON public.interventions_play USING btree (starts_on) WHERE ((state)::text = 'live'::text);

CREATE INDEX prediction_by_account ON public.churn_prediction USING btree (account_id, as_of DESC, id DESC);

CREATE INDEX progress_back_on_track ON public.milestones_progress USING btree (behind_at) WHERE (((pace)::text = ANY (ARRAY[('behind'::character varying)::text, ('stuck'::character varying)::text])) AND ((state)::text = 'open'::text));

CREATE INDEX progress_behind_next ON public.milestones_progress USING btree (behind_at) WHERE (((pace)::text = 'on_track'::text) AND ((state)::text = 'open'::text));

CREATE INDEX progress_by_milestone ON public.milestones_progress USING btree (milestone_id, state, achieved_at);

CREATE INDEX progress_stuck_next ON public.milestones_progress USING btree (stuck_at) WHERE (((pace)::text = ANY (ARRAY[('on_track'::character varying)::text, ('behind'::character varying)::text])) AND ((state)::text = 'open'::text));

CREATE INDEX promise_open_by_day ON public.accounts_promise USING btree (due_on) WHERE ((state)::text = 'open'::text);

CREATE INDEX provider_event_inbound ON public.messaging_providerevent USING btree (contact_id, received_at DESC) WHERE ((kind)::text = 'inbound'::text);

CREATE INDEX pulse_by_account ON public.accounts_pulse USING btree (account_id, at DESC);

CREATE INDEX rebuild_by_segment ON public.campaigns_segmentrebuild USING btree (segment_id, at DESC);

CREATE INDEX recipient_by_occurrence ON public.campaigns_recipient USING btree (occurrence_id, state, id);

CREATE INDEX recipient_due ON public.campaigns_recipient USING btree (due_at, id) WHERE ((state)::text = 'planned'::text);

CREATE INDEX recount_newest ON public.metrics_recount USING btree (at DESC);

CREATE INDEX redemption_by_account ON public.milestones_redemption USING btree (account_id, id DESC);

CREATE INDEX redemption_waiting ON public.milestones_redemption USING btree (asked_at) WHERE ((state)::text = ANY (ARRAY[('asked'::character varying)::text, ('approved'::character varying)::text]));

CREATE INDEX referral_by_advocate ON public.community_referral USING btree (advocate_id, signed_up_at DESC);

CREATE INDEX referral_by_network ON public.community_referral USING btree (network, signed_up_at) WHERE (NOT ((network)::text = ''::text));

CREATE INDEX referral_decisions ON public.community_referraldecision USING btree (referral_id, id DESC);

CREATE INDEX referral_edge ON public.community_referral USING btree (account_id, friend_account_id) WHERE (NOT ((state)::text = 'refused'::text));

CREATE INDEX referral_open ON public.community_referral USING btree (state, id) WHERE ((state)::text = ANY (ARRAY[('pending'::character varying)::text, ('flagged'::character varying)::text]));

CREATE INDEX referral_reward_due ON public.community_referralreward USING btree (due_at) WHERE ((state)::text = 'due'::text);

CREATE INDEX rehearsal_by_play ON public.interventions_rehearsal USING btree (play_id, id DESC);

CREATE INDEX rejection_for_person ON public.integrations_rejection USING btree (source_id, waits_for) WHERE ((replayed_at IS NULL) AND (NOT ((waits_for)::text = ''::text)));

CREATE INDEX rejection_waiting ON public.integrations_rejection USING btree (source_id, id DESC) WHERE (replayed_at IS NULL);

CREATE INDEX renewal_by_account ON public.accounts_renewal USING btree (account_id, due_on DESC);

CREATE INDEX renewal_open_by_day ON public.accounts_renewal USING btree (due_on) WHERE ((state)::text = 'open'::text);

CREATE INDEX response_by_account ON public.accounts_surveyresponse USING btree (account_id, at DESC);

CREATE INDEX reward_by_account ON public.milestones_rewardmovement USING btree (account_id, id DESC);

CREATE INDEX reward_by_budget ON public.milestones_rewardmovement USING btree (budget_id, at) WHERE (budget_id IS NOT NULL);

CREATE INDEX risk_by_probability ON public.churn_accountrisk USING btree (probability, account_id) WHERE (probability IS NOT NULL);

CREATE INDEX risk_by_stake ON public.churn_accountrisk USING btree (stake, account_id) WHERE (stake IS NOT NULL);

CREATE INDEX risk_highest_first ON public.churn_accountrisk USING btree (probability DESC NULLS LAST, id);

CREATE INDEX risk_stale ON public.churn_accountrisk USING btree (stale_since) WHERE (stale_since IS NOT NULL);

CREATE INDEX segment_stale ON public.campaigns_segmentmark USING btree (stale_since, account_id) WHERE (stale_since IS NOT NULL);

CREATE INDEX segment_wake_due ON public.campaigns_segmentwake USING btree (due_at, account_id);

CREATE INDEX session_by_account ON public.coaching_session USING btree (account_id, id DESC);

CREATE INDEX session_by_end ON public.coaching_session USING btree (ended_at) WHERE (ended_at IS NOT NULL);

CREATE INDEX session_waiting ON public.coaching_session USING btree (state, starts_at) WHERE ((state)::text = ANY (ARRAY[('proposed'::character varying)::text, ('accepted'::character varying)::text, ('scheduled'::character varying)::text, ('live'::character varying)::text, ('held'::character varying)::text, ('no_show'::character varying)::text]));

CREATE INDEX sharing_newest ON public.community_sharingchoice USING btree (contact_id, surface, id DESC);

CREATE INDEX slate_by_account ON public.coaching_slate USING btree (account_id, at DESC);

CREATE INDEX standing_by_tier ON public.milestones_tierstanding USING btree (tier, points DESC);

CREATE INDEX task_assignee_by_user ON public.interventions_taskassignee USING btree (user_id, at DESC);

CREATE INDEX task_done_with_chance ON public.interventions_task USING btree (closed_at) WHERE ((chance IS NOT NULL) AND ((state)::text = 'done'::text));

CREATE INDEX task_open_by_owner ON public.interventions_task USING btree (owner_id, due_at) WHERE ((state)::text = 'open'::text);

CREATE INDEX ticket_by_account ON public.accounts_ticket USING btree (account_id, opened_at DESC);

CREATE INDEX tip_by_account ON public.coaching_recommendation USING btree (account_id, at DESC);

CREATE INDEX tip_by_tip ON public.coaching_recommendation USING btree (tip_id, at);

CREATE INDEX tip_due ON public.coaching_recommendation USING btree (due_at, id) WHERE (read_at IS NULL);

CREATE INDEX tip_waiting ON public.coaching_recommendation USING btree (account_id) WHERE ((state)::text = 'open'::text);

CREATE INDEX touch_by_account ON public.campaigns_outsidetouch USING btree (account_id, at);

CREATE INDEX touch_by_campaign ON public.campaigns_outsidetouch USING btree (campaign_id, at) WHERE (campaign_id IS NOT NULL);

CREATE INDEX trial_by_rule ON public.alerts_ruletrial USING btree (rule_id, id DESC);

CREATE INDEX trial_open ON public.alerts_ruletrial USING btree (asked_at) WHERE ((state)::text = ANY (ARRAY[('asked'::character varying)::text, ('running'::character varying)::text]));

CREATE INDEX view_shared ON public.dashboards_savedview USING btree (name) WHERE shared;

CREATE INDEX waffle_flag_created_4a6e8cef ON public.waffle_flag USING btree (created);

CREATE INDEX waffle_flag_groups_flag_id_c11c0c05 ON public.waffle_flag_groups USING btree (flag_id);

CREATE INDEX waffle_flag_groups_group_id_a97c4f66 ON public.waffle_flag_groups USING btree (group_id);

CREATE INDEX waffle_flag_name_8799ccdf_like ON public.waffle_flag USING btree (name varchar_pattern_ops);

CREATE INDEX waffle_flag_users_flag_id_833c37b0 ON public.waffle_flag_users USING btree (flag_id);

CREATE INDEX waffle_flag_users_user_id_8026df9b ON public.waffle_flag_users USING btree (user_id);

CREATE INDEX waffle_sample_created_76198bd5 ON public.waffle_sample USING btree (created);

CREATE INDEX waffle_sample_name_26b507bc_like ON public.waffle_sample USING btree (name varchar_pattern_ops);

CREATE INDEX waffle_switch_created_c004e77e ON public.waffle_switch USING btree (created);

CREATE INDEX waffle_switch_name_68a12dd8_like ON public.waffle_switch USING btree (name varchar_pattern_ops);

CREATE INDEX watch_mark_oldest ON public.alerts_watchmark USING btree (since);

CREATE INDEX watched_early ON public.alerts_watched USING btree (rule_id, early_on) WHERE (early_on IS NOT NULL);

CREATE INDEX watched_firing ON public.alerts_watched USING btree (rule_id, since) WHERE (since IS NOT NULL);

CREATE INDEX watched_untold ON public.alerts_watched USING btree (rule_id, began_on) WHERE untold;

CREATE INDEX webhook_by_age ON public.integrations_webhookdelivery USING btree (done_at) WHERE (done_at IS NOT NULL);

CREATE INDEX webhook_newest ON public.integrations_webhookdelivery USING btree (webhook_id, id DESC);

CREATE INDEX webhook_sending ON public.integrations_webhookdelivery USING btree (webhook_id, lease_until) WHERE ((state)::text = 'sending'::text);

CREATE INDEX webhook_waiting ON public.integrations_webhookdelivery USING btree (webhook_id, due_at) WHERE ((state)::text = 'waiting'::text);

ALTER INDEX public.activity_by_account ATTACH PARTITION public.accounts_activityevent_default_account_id_at_idx;

ALTER INDEX public.activity_by_contact ATTACH PARTITION public.accounts_activityevent_default_contact_id_idx;

ALTER INDEX public.activity_by_import ATTACH PARTITION public.accounts_activityevent_default_import_run_id_idx;

ALTER INDEX public.accounts_activityevent_pkey1 ATTACH PARTITION public.accounts_activityevent_default_pkey;

CREATE TRIGGER change_row BEFORE INSERT OR DELETE OR UPDATE ON public.events_change FOR EACH ROW EXECUTE FUNCTION public.events_change_guard();

CREATE TRIGGER change_truncate BEFORE TRUNCATE ON public.events_change FOR EACH STATEMENT EXECUTE FUNCTION public.events_change_guard();

CREATE TRIGGER keys_go_with_activity AFTER DELETE ON public.accounts_activityevent REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION public.accounts_forget_message_keys();

CREATE TRIGGER keys_go_with_all_activity AFTER TRUNCATE ON public.accounts_activityevent FOR EACH STATEMENT EXECUTE FUNCTION public.accounts_forget_message_keys();

CREATE TRIGGER ledger_is_append_only BEFORE DELETE OR UPDATE ON public.accounts_arrmovement FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION public.accounts_ledger_is_append_only();

CREATE TRIGGER ledger_is_not_emptied AFTER TRUNCATE ON public.accounts_arrmovement FOR EACH STATEMENT EXECUTE FUNCTION public.accounts_ledger_is_append_only();

CREATE TRIGGER metrics_take_out AFTER DELETE ON public.metrics_accounttally FOR EACH ROW EXECUTE FUNCTION public.metrics_take_out();

CREATE TRIGGER rewards_are_append_only BEFORE DELETE OR UPDATE ON public.milestones_rewardmovement FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION public.milestones_rewards_are_append_only();

CREATE TRIGGER rewards_are_not_emptied AFTER TRUNCATE ON public.milestones_rewardmovement FOR EACH STATEMENT EXECUTE FUNCTION public.milestones_rewards_are_append_only();

CREATE TRIGGER seal_row BEFORE DELETE OR UPDATE ON public.events_seal FOR EACH ROW EXECUTE FUNCTION public.events_seal_guard();

CREATE TRIGGER seal_truncate BEFORE TRUNCATE ON public.events_seal FOR EACH STATEMENT EXECUTE FUNCTION public.events_seal_guard();

ALTER TABLE ONLY public.accounts_account
    ADD CONSTRAINT accounts_account_owner_id_7b1fcbd0_fk_accounts_user_id FOREIGN KEY (owner_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.accounts_account
    ADD CONSTRAINT accounts_account_parent_id_1cd823ad_fk_accounts_account_id FOREIGN KEY (parent_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.accounts_accountrole
    ADD CONSTRAINT accounts_accountrole_account_id_b7a7565b_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.accounts_accountrole
    ADD CONSTRAINT accounts_accountrole_user_id_48098cd5_fk_accounts_user_id FOREIGN KEY (user_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.accounts_arrmovement
    ADD CONSTRAINT accounts_arrmovement_reverses_id_8a46c0e0_fk_accounts_ FOREIGN KEY (reverses_id) REFERENCES public.accounts_arrmovement(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.accounts_contact
    ADD CONSTRAINT accounts_contact_account_id_2026f578_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.accounts_contact
    ADD CONSTRAINT accounts_contact_reports_to_id_333487fa_fk_accounts_contact_id FOREIGN KEY (reports_to_id) REFERENCES public.accounts_contact(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.accounts_dailyrollup
    ADD CONSTRAINT accounts_dailyrollup_account_id_9bacb7ba_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.accounts_identity
    ADD CONSTRAINT accounts_identity_contact_id_0d4a1d9e_fk_accounts_contact_id FOREIGN KEY (contact_id) REFERENCES public.accounts_contact(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.accounts_identity
    ADD CONSTRAINT accounts_identity_merged_id_e7461247_fk_accounts_contact_id FOREIGN KEY (merged_id) REFERENCES public.accounts_contact(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.accounts_importproblem
    ADD CONSTRAINT accounts_importproblem_run_id_fdb779aa_fk_accounts_importrun_id FOREIGN KEY (run_id) REFERENCES public.accounts_importrun(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.accounts_invoice
    ADD CONSTRAINT accounts_invoice_account_id_32c8f656_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.accounts_note
    ADD CONSTRAINT accounts_note_account_id_8c47e7ef_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.accounts_note
    ADD CONSTRAINT accounts_note_author_id_71e207e1_fk_accounts_user_id FOREIGN KEY (author_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.accounts_note_contacts
    ADD CONSTRAINT accounts_note_contac_contact_id_4bcc809e_fk_accounts_ FOREIGN KEY (contact_id) REFERENCES public.accounts_contact(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.accounts_note_contacts
    ADD CONSTRAINT accounts_note_contacts_note_id_cd60aa86_fk_accounts_note_id FOREIGN KEY (note_id) REFERENCES public.accounts_note(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.accounts_promise
    ADD CONSTRAINT accounts_promise_account_id_7eabe98b_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.accounts_promise
    ADD CONSTRAINT accounts_promise_note_id_a21a0598_fk_accounts_note_id FOREIGN KEY (note_id) REFERENCES public.accounts_note(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.accounts_promise
    ADD CONSTRAINT accounts_promise_owner_id_f593904e_fk_accounts_user_id FOREIGN KEY (owner_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.accounts_pulse
    ADD CONSTRAINT accounts_pulse_account_id_92eccf99_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.accounts_pulse
    ADD CONSTRAINT accounts_pulse_author_id_8eb916db_fk_accounts_user_id FOREIGN KEY (author_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.accounts_renewal
    ADD CONSTRAINT accounts_renewal_account_id_7c4d3e52_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.accounts_renewal
    ADD CONSTRAINT accounts_renewal_subscription_id_9b0c99aa_fk_accounts_ FOREIGN KEY (subscription_id) REFERENCES public.accounts_subscription(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.accounts_renewalcall
    ADD CONSTRAINT accounts_renewalcall_author_id_31d536b5_fk_accounts_user_id FOREIGN KEY (author_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.accounts_renewalcall
    ADD CONSTRAINT accounts_renewalcall_renewal_id_48a6b589_fk_accounts_renewal_id FOREIGN KEY (renewal_id) REFERENCES public.accounts_renewal(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.accounts_subscription
    ADD CONSTRAINT accounts_subscriptio_account_id_c3522dc1_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.accounts_surveyresponse
    ADD CONSTRAINT accounts_surveyrespo_account_id_6abbf8f0_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.accounts_surveyresponse
    ADD CONSTRAINT accounts_surveyrespo_contact_id_63276781_fk_accounts_ FOREIGN KEY (contact_id) REFERENCES public.accounts_contact(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.accounts_surveyresponse
    ADD CONSTRAINT accounts_surveyrespo_loop_closed_by_id_41108630_fk_accounts_ FOREIGN KEY (loop_closed_by_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.accounts_ticket
    ADD CONSTRAINT accounts_ticket_account_id_598d4f8f_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.accounts_ticket
    ADD CONSTRAINT accounts_ticket_contact_id_4df6de3d_fk_accounts_contact_id FOREIGN KEY (contact_id) REFERENCES public.accounts_contact(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.accounts_user_groups
    ADD CONSTRAINT accounts_user_groups_group_id_bd11a704_fk_auth_group_id FOREIGN KEY (group_id) REFERENCES public.auth_group(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.accounts_user_groups
    ADD CONSTRAINT accounts_user_groups_user_id_52b62117_fk_accounts_user_id FOREIGN KEY (user_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.accounts_user
    ADD CONSTRAINT accounts_user_team_id_27b7f1fa_fk_accounts_team_id FOREIGN KEY (team_id) REFERENCES public.accounts_team(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.accounts_user_user_permissions
    ADD CONSTRAINT accounts_user_user_p_permission_id_113bb443_fk_auth_perm FOREIGN KEY (permission_id) REFERENCES public.auth_permission(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.accounts_user_user_permissions
    ADD CONSTRAINT accounts_user_user_p_user_id_e4f0a161_fk_accounts_ FOREIGN KEY (user_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE public.accounts_activityevent
    ADD CONSTRAINT activity_of_account FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE public.accounts_activityevent
    ADD CONSTRAINT activity_of_contact FOREIGN KEY (contact_id) REFERENCES public.accounts_contact(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE public.accounts_activityevent
    ADD CONSTRAINT activity_of_import FOREIGN KEY (import_run_id) REFERENCES public.accounts_importrun(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alerts_alert
    ADD CONSTRAINT alerts_alert_account_id_3f75017f_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alerts_alert
    ADD CONSTRAINT alerts_alert_cause_id_ba78ff3c_fk_events_event_id FOREIGN KEY (cause_id) REFERENCES public.events_event(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alerts_alert
    ADD CONSTRAINT alerts_alert_incident_id_e73ba9b2_fk_alerts_incident_id FOREIGN KEY (incident_id) REFERENCES public.alerts_incident(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alerts_alert
    ADD CONSTRAINT alerts_alert_owner_id_0c00548a_fk_accounts_user_id FOREIGN KEY (owner_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alerts_alert
    ADD CONSTRAINT alerts_alert_rule_id_74644b2d_fk_alerts_alertrule_id FOREIGN KEY (rule_id) REFERENCES public.alerts_alertrule(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alerts_alert
    ADD CONSTRAINT alerts_alert_useful_by_id_64314f4a_fk_accounts_user_id FOREIGN KEY (useful_by_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alerts_alert
    ADD CONSTRAINT alerts_alert_version_id_96312d61_fk_alerts_ruleversion_id FOREIGN KEY (version_id) REFERENCES public.alerts_ruleversion(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alerts_alertmoment
    ADD CONSTRAINT alerts_alertmoment_alert_id_c6bbdcc6_fk_alerts_alert_id FOREIGN KEY (alert_id) REFERENCES public.alerts_alert(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alerts_alertmoment
    ADD CONSTRAINT alerts_alertmoment_enrolment_id_6a7f560f_fk_intervent FOREIGN KEY (enrolment_id) REFERENCES public.interventions_enrolment(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alerts_alertmoment
    ADD CONSTRAINT alerts_alertmoment_task_id_5828064c_fk_interventions_task_id FOREIGN KEY (task_id) REFERENCES public.interventions_task(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alerts_alertmoment
    ADD CONSTRAINT alerts_alertmoment_user_id_740df302_fk_accounts_user_id FOREIGN KEY (user_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alerts_alertrule
    ADD CONSTRAINT alerts_alertrule_current_id_eddb43a6_fk_alerts_ruleversion_id FOREIGN KEY (current_id) REFERENCES public.alerts_ruleversion(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alerts_alertsubscription
    ADD CONSTRAINT alerts_alertsubscrip_rule_id_cc2c3b2b_fk_alerts_al FOREIGN KEY (rule_id) REFERENCES public.alerts_alertrule(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alerts_alertsubscription
    ADD CONSTRAINT alerts_alertsubscription_user_id_d7156414_fk_accounts_user_id FOREIGN KEY (user_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alerts_climb
    ADD CONSTRAINT alerts_climb_alert_id_98dd4118_fk_alerts_alert_id FOREIGN KEY (alert_id) REFERENCES public.alerts_alert(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alerts_climb
    ADD CONSTRAINT alerts_climb_cause_id_1c90c3a7_fk_events_event_id FOREIGN KEY (cause_id) REFERENCES public.events_event(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alerts_climb
    ADD CONSTRAINT alerts_climb_head_id_9a85d12b_fk_accounts_user_id FOREIGN KEY (head_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alerts_climb
    ADD CONSTRAINT alerts_climb_policy_id_c29fdb10_fk_alerts_escalationpolicy_id FOREIGN KEY (policy_id) REFERENCES public.alerts_escalationpolicy(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alerts_climbstep
    ADD CONSTRAINT alerts_climbstep_climb_id_5fc1c5d7_fk_alerts_climb_id FOREIGN KEY (climb_id) REFERENCES public.alerts_climb(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alerts_climbstep
    ADD CONSTRAINT alerts_climbstep_holder_id_411ff7fe_fk_accounts_user_id FOREIGN KEY (holder_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alerts_climbstep_people
    ADD CONSTRAINT alerts_climbstep_peo_climbstep_id_ef3685f3_fk_alerts_cl FOREIGN KEY (climbstep_id) REFERENCES public.alerts_climbstep(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alerts_climbstep_people
    ADD CONSTRAINT alerts_climbstep_people_user_id_d952f0ba_fk_accounts_user_id FOREIGN KEY (user_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alerts_dutymember
    ADD CONSTRAINT alerts_dutymember_rota_id_df958ab0_fk_alerts_dutyrota_id FOREIGN KEY (rota_id) REFERENCES public.alerts_dutyrota(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alerts_dutymember
    ADD CONSTRAINT alerts_dutymember_user_id_04e41c89_fk_accounts_user_id FOREIGN KEY (user_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alerts_dutyoverride
    ADD CONSTRAINT alerts_dutyoverride_rota_id_d9fbe7af_fk_alerts_dutyrota_id FOREIGN KEY (rota_id) REFERENCES public.alerts_dutyrota(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alerts_dutyoverride
    ADD CONSTRAINT alerts_dutyoverride_user_id_274631c0_fk_accounts_user_id FOREIGN KEY (user_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alerts_dutyrota
    ADD CONSTRAINT alerts_dutyrota_team_id_86526cb5_fk_accounts_team_id FOREIGN KEY (team_id) REFERENCES public.accounts_team(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alerts_escalationpolicy
    ADD CONSTRAINT alerts_escalationpolicy_head_id_b44aa73e_fk_accounts_user_id FOREIGN KEY (head_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alerts_incident
    ADD CONSTRAINT alerts_incident_account_id_acd3478b_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alerts_notice
    ADD CONSTRAINT alerts_notice_alert_id_c3b3c21b_fk_alerts_alert_id FOREIGN KEY (alert_id) REFERENCES public.alerts_alert(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alerts_notice
    ADD CONSTRAINT alerts_notice_outside_id_6a2b5b32_fk_alerts_outsidechannel_id FOREIGN KEY (outside_id) REFERENCES public.alerts_outsidechannel(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alerts_notice
    ADD CONSTRAINT alerts_notice_user_id_3004be86_fk_accounts_user_id FOREIGN KEY (user_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alerts_noticeroad
    ADD CONSTRAINT alerts_noticeroad_user_id_b93f9f02_fk_accounts_user_id FOREIGN KEY (user_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alerts_noticesending
    ADD CONSTRAINT alerts_noticesending_notice_id_d7eec19d_fk_alerts_notice_id FOREIGN KEY (notice_id) REFERENCES public.alerts_notice(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alerts_policyofrule
    ADD CONSTRAINT alerts_policyofrule_policy_id_0b87e762_fk_alerts_es FOREIGN KEY (policy_id) REFERENCES public.alerts_escalationpolicy(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alerts_policyofrule
    ADD CONSTRAINT alerts_policyofrule_rule_id_d69297e6_fk_alerts_alertrule_id FOREIGN KEY (rule_id) REFERENCES public.alerts_alertrule(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alerts_response
    ADD CONSTRAINT alerts_response_rule_id_962b4d1c_fk_alerts_alertrule_id FOREIGN KEY (rule_id) REFERENCES public.alerts_alertrule(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alerts_responserun
    ADD CONSTRAINT alerts_responserun_alert_id_a767e1f8_fk_alerts_alert_id FOREIGN KEY (alert_id) REFERENCES public.alerts_alert(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alerts_responserun
    ADD CONSTRAINT alerts_responserun_decided_by_id_fc925136_fk_accounts_user_id FOREIGN KEY (decided_by_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alerts_responserun
    ADD CONSTRAINT alerts_responserun_response_id_84fb7c55_fk_alerts_response_id FOREIGN KEY (response_id) REFERENCES public.alerts_response(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alerts_ruleday
    ADD CONSTRAINT alerts_ruleday_rule_id_28e8d07f_fk_alerts_alertrule_id FOREIGN KEY (rule_id) REFERENCES public.alerts_alertrule(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alerts_ruletold
    ADD CONSTRAINT alerts_ruletold_rule_id_ebe6e744_fk_alerts_alertrule_id FOREIGN KEY (rule_id) REFERENCES public.alerts_alertrule(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alerts_ruletrial
    ADD CONSTRAINT alerts_ruletrial_rule_id_3696fed4_fk_alerts_alertrule_id FOREIGN KEY (rule_id) REFERENCES public.alerts_alertrule(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alerts_ruleversion
    ADD CONSTRAINT alerts_ruleversion_rule_id_604658f3_fk_alerts_alertrule_id FOREIGN KEY (rule_id) REFERENCES public.alerts_alertrule(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alerts_ruleversion
    ADD CONSTRAINT alerts_ruleversion_written_by_id_b492eb64_fk_accounts_user_id FOREIGN KEY (written_by_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alerts_staffbrowser
    ADD CONSTRAINT alerts_staffbrowser_user_id_f16308bc_fk_accounts_user_id FOREIGN KEY (user_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alerts_watched
    ADD CONSTRAINT alerts_watched_account_id_3df7ce0e_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alerts_watched
    ADD CONSTRAINT alerts_watched_rule_id_91a687a5_fk_alerts_alertrule_id FOREIGN KEY (rule_id) REFERENCES public.alerts_alertrule(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.alerts_watchmark
    ADD CONSTRAINT alerts_watchmark_account_id_9d114cd9_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissio_permission_id_84c5c92e_fk_auth_perm FOREIGN KEY (permission_id) REFERENCES public.auth_permission(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_group_id_b120cbf9_fk_auth_group_id FOREIGN KEY (group_id) REFERENCES public.auth_group(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_content_type_id_2f476e4b_fk_django_co FOREIGN KEY (content_type_id) REFERENCES public.django_content_type(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.campaigns_campaign
    ADD CONSTRAINT campaigns_campaign_current_id_abb5a3a2_fk_campaigns FOREIGN KEY (current_id) REFERENCES public.campaigns_campaignversion(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.campaigns_campaign
    ADD CONSTRAINT campaigns_campaign_segment_id_d271406e_fk_campaigns_segment_id FOREIGN KEY (segment_id) REFERENCES public.campaigns_segment(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.campaigns_campaignversion
    ADD CONSTRAINT campaigns_campaignve_campaign_id_7fd48ff1_fk_campaigns FOREIGN KEY (campaign_id) REFERENCES public.campaigns_campaign(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.campaigns_frozenreadout
    ADD CONSTRAINT campaigns_frozenread_campaign_id_e79612be_fk_campaigns FOREIGN KEY (campaign_id) REFERENCES public.campaigns_campaign(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.campaigns_goalreached
    ADD CONSTRAINT campaigns_goalreache_account_id_094fc0a6_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.campaigns_goalreached
    ADD CONSTRAINT campaigns_goalreache_occurrence_id_be1e1ebb_fk_campaigns FOREIGN KEY (occurrence_id) REFERENCES public.campaigns_occurrence(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.campaigns_invitation
    ADD CONSTRAINT campaigns_invitation_account_id_b8047b06_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.campaigns_invitation
    ADD CONSTRAINT campaigns_invitation_campaign_id_af0bbed2_fk_campaigns FOREIGN KEY (campaign_id) REFERENCES public.campaigns_campaign(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.campaigns_invitation
    ADD CONSTRAINT campaigns_invitation_contact_id_4a42ee5b_fk_accounts_contact_id FOREIGN KEY (contact_id) REFERENCES public.accounts_contact(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.campaigns_invitation
    ADD CONSTRAINT campaigns_invitation_loop_task_id_b5474695_fk_intervent FOREIGN KEY (loop_task_id) REFERENCES public.interventions_task(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.campaigns_invitation
    ADD CONSTRAINT campaigns_invitation_recipient_id_64e1847e_fk_campaigns FOREIGN KEY (recipient_id) REFERENCES public.campaigns_recipient(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.campaigns_invitation
    ADD CONSTRAINT campaigns_invitation_response_id_07ba592b_fk_accounts_ FOREIGN KEY (response_id) REFERENCES public.accounts_surveyresponse(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.campaigns_invitation
    ADD CONSTRAINT campaigns_invitation_version_id_7481f0cd_fk_campaigns FOREIGN KEY (version_id) REFERENCES public.campaigns_campaignversion(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.campaigns_listedaccount
    ADD CONSTRAINT campaigns_listedacco_account_id_decb5326_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.campaigns_listedaccount
    ADD CONSTRAINT campaigns_listedacco_segment_id_cd3d08c0_fk_campaigns FOREIGN KEY (segment_id) REFERENCES public.campaigns_segment(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.campaigns_membership
    ADD CONSTRAINT campaigns_membership_account_id_330d0003_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.campaigns_membership
    ADD CONSTRAINT campaigns_membership_segment_id_95b972e6_fk_campaigns FOREIGN KEY (segment_id) REFERENCES public.campaigns_segment(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.campaigns_membership
    ADD CONSTRAINT campaigns_membership_version_id_a2fbeeec_fk_campaigns FOREIGN KEY (version_id) REFERENCES public.campaigns_segmentversion(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.campaigns_occurrence
    ADD CONSTRAINT campaigns_occurrence_campaign_id_706aa622_fk_campaigns FOREIGN KEY (campaign_id) REFERENCES public.campaigns_campaign(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.campaigns_occurrence
    ADD CONSTRAINT campaigns_occurrence_version_id_e2891de5_fk_campaigns FOREIGN KEY (version_id) REFERENCES public.campaigns_campaignversion(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.campaigns_outsidetouch
    ADD CONSTRAINT campaigns_outsidetou_account_id_ef3bc106_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.campaigns_outsidetouch
    ADD CONSTRAINT campaigns_outsidetou_campaign_id_37d74c18_fk_campaigns FOREIGN KEY (campaign_id) REFERENCES public.campaigns_campaign(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.campaigns_outsidetouch
    ADD CONSTRAINT campaigns_outsidetou_contact_id_18f2b761_fk_accounts_ FOREIGN KEY (contact_id) REFERENCES public.accounts_contact(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.campaigns_recipient
    ADD CONSTRAINT campaigns_recipient_account_id_7331f6d7_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.campaigns_recipient
    ADD CONSTRAINT campaigns_recipient_contact_id_34f5e802_fk_accounts_contact_id FOREIGN KEY (contact_id) REFERENCES public.accounts_contact(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.campaigns_recipient
    ADD CONSTRAINT campaigns_recipient_enrolment_id_5665b2bb_fk_intervent FOREIGN KEY (enrolment_id) REFERENCES public.interventions_enrolment(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.campaigns_recipient
    ADD CONSTRAINT campaigns_recipient_message_id_e9554e6b_fk_messaging_message_id FOREIGN KEY (message_id) REFERENCES public.messaging_message(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.campaigns_recipient
    ADD CONSTRAINT campaigns_recipient_occurrence_id_94f55a28_fk_campaigns FOREIGN KEY (occurrence_id) REFERENCES public.campaigns_occurrence(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.campaigns_segment
    ADD CONSTRAINT campaigns_segment_current_id_895db330_fk_campaigns FOREIGN KEY (current_id) REFERENCES public.campaigns_segmentversion(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.campaigns_segmentmark
    ADD CONSTRAINT campaigns_segmentmar_account_id_58fc0768_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.campaigns_segmentmark
    ADD CONSTRAINT campaigns_segmentmar_stale_cause_id_480f3ae5_fk_events_ev FOREIGN KEY (stale_cause_id) REFERENCES public.events_event(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.campaigns_segmentrebuild
    ADD CONSTRAINT campaigns_segmentreb_segment_id_6e870662_fk_campaigns FOREIGN KEY (segment_id) REFERENCES public.campaigns_segment(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.campaigns_segmentversion
    ADD CONSTRAINT campaigns_segmentver_segment_id_50a3d196_fk_campaigns FOREIGN KEY (segment_id) REFERENCES public.campaigns_segment(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.campaigns_segmentwake
    ADD CONSTRAINT campaigns_segmentwak_account_id_e367fdec_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.campaigns_segmentwake
    ADD CONSTRAINT campaigns_segmentwak_segment_id_6c8789d0_fk_campaigns FOREIGN KEY (segment_id) REFERENCES public.campaigns_segment(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.campaigns_weightsversion
    ADD CONSTRAINT campaigns_weightsver_campaign_id_2182bb04_fk_campaigns FOREIGN KEY (campaign_id) REFERENCES public.campaigns_campaign(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.churn_accountrisk
    ADD CONSTRAINT churn_accountrisk_account_id_2a13a479_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.churn_accountrisk
    ADD CONSTRAINT churn_accountrisk_prediction_id_b71ee23f_fk_churn_prediction_id FOREIGN KEY (prediction_id) REFERENCES public.churn_prediction(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.churn_accountrisk
    ADD CONSTRAINT churn_accountrisk_stale_cause_id_65aeca53_fk_events_event_id FOREIGN KEY (stale_cause_id) REFERENCES public.events_event(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.churn_care
    ADD CONSTRAINT churn_care_account_id_8f42b4af_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.churn_care
    ADD CONSTRAINT churn_care_event_id_d08f34df_fk_events_event_id FOREIGN KEY (event_id) REFERENCES public.events_event(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.churn_check
    ADD CONSTRAINT churn_check_model_id_60f45efb_fk_churn_modelversion_id FOREIGN KEY (model_id) REFERENCES public.churn_modelversion(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.churn_modelversion
    ADD CONSTRAINT churn_modelversion_before_id_36d1a157_fk_churn_modelversion_id FOREIGN KEY (before_id) REFERENCES public.churn_modelversion(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.churn_modelversion
    ADD CONSTRAINT churn_modelversion_definition_id_840704aa_fk_churn_chu FOREIGN KEY (definition_id) REFERENCES public.churn_churndefinition(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.churn_prediction
    ADD CONSTRAINT churn_prediction_account_id_a5e7eaf6_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.churn_prediction
    ADD CONSTRAINT churn_prediction_model_id_f768a636_fk_churn_modelversion_id FOREIGN KEY (model_id) REFERENCES public.churn_modelversion(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.churn_shadowscore
    ADD CONSTRAINT churn_shadowscore_account_id_6f8dc26d_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.churn_shadowscore
    ADD CONSTRAINT churn_shadowscore_model_id_6be0c9ed_fk_churn_modelversion_id FOREIGN KEY (model_id) REFERENCES public.churn_modelversion(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.churn_trainingrun
    ADD CONSTRAINT churn_trainingrun_definition_id_2798e03d_fk_churn_chu FOREIGN KEY (definition_id) REFERENCES public.churn_churndefinition(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.churn_trainingrun
    ADD CONSTRAINT churn_trainingrun_version_id_06647457_fk_churn_modelversion_id FOREIGN KEY (version_id) REFERENCES public.churn_modelversion(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.coaching_coachingprofile
    ADD CONSTRAINT coaching_coachingpro_account_id_5501040a_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.coaching_coachingprofile
    ADD CONSTRAINT coaching_coachingpro_fit_id_45105764_fk_coaching_ FOREIGN KEY (fit_id) REFERENCES public.coaching_profilefit(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.coaching_coachingprofile
    ADD CONSTRAINT coaching_coachingpro_pattern_id_c4a4e031_fk_coaching_ FOREIGN KEY (pattern_id) REFERENCES public.coaching_pattern(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.coaching_goal
    ADD CONSTRAINT coaching_goal_session_id_6bf974e7_fk_coaching_session_id FOREIGN KEY (session_id) REFERENCES public.coaching_session(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.coaching_goalreading
    ADD CONSTRAINT coaching_goalreading_goal_id_2035d63f_fk_coaching_goal_id FOREIGN KEY (goal_id) REFERENCES public.coaching_goal(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.coaching_recommendation
    ADD CONSTRAINT coaching_recommendat_account_id_fb3e50fd_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.coaching_recommendation
    ADD CONSTRAINT coaching_recommendat_version_id_8c1f4707_fk_coaching_ FOREIGN KEY (version_id) REFERENCES public.coaching_tipversion(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.coaching_recommendation
    ADD CONSTRAINT coaching_recommendation_slate_id_f8a692bf_fk_coaching_slate_id FOREIGN KEY (slate_id) REFERENCES public.coaching_slate(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.coaching_recommendation
    ADD CONSTRAINT coaching_recommendation_tip_id_6708449c_fk_coaching_tip_id FOREIGN KEY (tip_id) REFERENCES public.coaching_tip(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.coaching_session
    ADD CONSTRAINT coaching_session_account_id_9cc198aa_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.coaching_session
    ADD CONSTRAINT coaching_session_coach_id_339e348c_fk_accounts_user_id FOREIGN KEY (coach_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.coaching_session
    ADD CONSTRAINT coaching_session_contact_id_3cf4a594_fk_accounts_contact_id FOREIGN KEY (contact_id) REFERENCES public.accounts_contact(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.coaching_session_promises
    ADD CONSTRAINT coaching_session_pro_promise_id_f564505e_fk_accounts_ FOREIGN KEY (promise_id) REFERENCES public.accounts_promise(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.coaching_session_promises
    ADD CONSTRAINT coaching_session_pro_session_id_cf1f9dd1_fk_coaching_ FOREIGN KEY (session_id) REFERENCES public.coaching_session(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.coaching_session
    ADD CONSTRAINT coaching_session_strategy_id_03055e57_fk_coaching_strategy_id FOREIGN KEY (strategy_id) REFERENCES public.coaching_strategy(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.coaching_slate
    ADD CONSTRAINT coaching_slate_account_id_eb7b2545_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.coaching_slate
    ADD CONSTRAINT coaching_slate_pattern_id_66e5e52e_fk_coaching_pattern_id FOREIGN KEY (pattern_id) REFERENCES public.coaching_pattern(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.coaching_tip
    ADD CONSTRAINT coaching_tip_current_id_e267aa56_fk_coaching_tipversion_id FOREIGN KEY (current_id) REFERENCES public.coaching_tipversion(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.coaching_tipanswerrow
    ADD CONSTRAINT coaching_tipanswerro_recommendation_id_5829b697_fk_coaching_ FOREIGN KEY (recommendation_id) REFERENCES public.coaching_recommendation(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.coaching_tipversion
    ADD CONSTRAINT coaching_tipversion_tip_id_5be5b279_fk_coaching_tip_id FOREIGN KEY (tip_id) REFERENCES public.coaching_tip(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.community_advocate
    ADD CONSTRAINT community_advocate_account_id_0e378d3c_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.community_advocate
    ADD CONSTRAINT community_advocate_contact_id_f65e01ab_fk_accounts_contact_id FOREIGN KEY (contact_id) REFERENCES public.accounts_contact(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.community_advocate
    ADD CONSTRAINT community_advocate_program_id_6f0714c3_fk_community FOREIGN KEY (program_id) REFERENCES public.community_referralprogram(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.community_ask
    ADD CONSTRAINT community_ask_account_id_738401ea_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.community_ask
    ADD CONSTRAINT community_ask_cause_id_59ccd1ec_fk_events_event_id FOREIGN KEY (cause_id) REFERENCES public.events_event(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.community_ask
    ADD CONSTRAINT community_ask_contact_id_f132fc9d_fk_accounts_contact_id FOREIGN KEY (contact_id) REFERENCES public.accounts_contact(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.community_ask
    ADD CONSTRAINT community_ask_message_id_395939e0_fk_messaging_message_id FOREIGN KEY (message_id) REFERENCES public.messaging_message(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.community_ask
    ADD CONSTRAINT community_ask_moment_id_5b785700_fk_community_moment_id FOREIGN KEY (moment_id) REFERENCES public.community_moment(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.community_challenge
    ADD CONSTRAINT community_challenge_milestone_id_d2abaa0d_fk_milestone FOREIGN KEY (milestone_id) REFERENCES public.milestones_milestone(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.community_challengecount
    ADD CONSTRAINT community_challengec_entry_id_95617cf1_fk_community FOREIGN KEY (entry_id) REFERENCES public.community_challengeentry(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.community_challengeentry
    ADD CONSTRAINT community_challengee_account_id_99827214_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.community_challengeentry
    ADD CONSTRAINT community_challengee_challenge_id_58448986_fk_community FOREIGN KEY (challenge_id) REFERENCES public.community_challenge(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.community_challengeentry
    ADD CONSTRAINT community_challengee_contact_id_88ab9b67_fk_accounts_ FOREIGN KEY (contact_id) REFERENCES public.accounts_contact(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.community_favour
    ADD CONSTRAINT community_favour_account_id_c01b072b_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.community_favour
    ADD CONSTRAINT community_favour_contact_id_0b0347a4_fk_accounts_contact_id FOREIGN KEY (contact_id) REFERENCES public.accounts_contact(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.community_invite
    ADD CONSTRAINT community_invite_account_id_b3d36d66_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.community_invite
    ADD CONSTRAINT community_invite_advocate_id_0a44238b_fk_community_advocate_id FOREIGN KEY (advocate_id) REFERENCES public.community_advocate(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.community_invite
    ADD CONSTRAINT community_invite_message_id_26b849f6_fk_messaging_message_id FOREIGN KEY (message_id) REFERENCES public.messaging_message(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.community_invite
    ADD CONSTRAINT community_invite_program_id_590e1af4_fk_community FOREIGN KEY (program_id) REFERENCES public.community_referralprogram(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.community_moment
    ADD CONSTRAINT community_moment_account_id_07dd4f89_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.community_moment
    ADD CONSTRAINT community_moment_cause_id_8e5f1c4e_fk_events_event_id FOREIGN KEY (cause_id) REFERENCES public.events_event(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.community_moment
    ADD CONSTRAINT community_moment_contact_id_139ae2b7_fk_accounts_contact_id FOREIGN KEY (contact_id) REFERENCES public.accounts_contact(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.community_momentmark
    ADD CONSTRAINT community_momentmark_account_id_82f9cfe7_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.community_momentmark
    ADD CONSTRAINT community_momentmark_stale_cause_id_a1b69ff0_fk_events_event_id FOREIGN KEY (stale_cause_id) REFERENCES public.events_event(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.community_namedconsent
    ADD CONSTRAINT community_namedconse_contact_id_0986acdb_fk_accounts_ FOREIGN KEY (contact_id) REFERENCES public.accounts_contact(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.community_published
    ADD CONSTRAINT community_published_statement_id_0199d263_fk_community FOREIGN KEY (statement_id) REFERENCES public.community_statement(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.community_referral
    ADD CONSTRAINT community_referral_account_id_d08cb5cd_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.community_referral
    ADD CONSTRAINT community_referral_advocate_id_13f4cf1c_fk_community FOREIGN KEY (advocate_id) REFERENCES public.community_advocate(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.community_referral
    ADD CONSTRAINT community_referral_click_id_667a8832_fk_community FOREIGN KEY (click_id) REFERENCES public.community_referralclick(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.community_referral
    ADD CONSTRAINT community_referral_friend_account_id_170c3fdd_fk_accounts_ FOREIGN KEY (friend_account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.community_referral
    ADD CONSTRAINT community_referral_invite_id_4f90d559_fk_community_invite_id FOREIGN KEY (invite_id) REFERENCES public.community_invite(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.community_referral
    ADD CONSTRAINT community_referral_program_id_e378993c_fk_community FOREIGN KEY (program_id) REFERENCES public.community_referralprogram(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.community_referral
    ADD CONSTRAINT community_referral_version_id_757e8eac_fk_community FOREIGN KEY (version_id) REFERENCES public.community_referralprogramversion(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.community_referralclick
    ADD CONSTRAINT community_referralcl_account_id_744e950e_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.community_referralclick
    ADD CONSTRAINT community_referralcl_advocate_id_cafc0b03_fk_community FOREIGN KEY (advocate_id) REFERENCES public.community_advocate(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.community_referralclick
    ADD CONSTRAINT community_referralcl_invite_id_6af37de6_fk_community FOREIGN KEY (invite_id) REFERENCES public.community_invite(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.community_referralclick
    ADD CONSTRAINT community_referralcl_program_id_35d54e82_fk_community FOREIGN KEY (program_id) REFERENCES public.community_referralprogram(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.community_referraldecision
    ADD CONSTRAINT community_referralde_account_id_697c401c_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.community_referraldecision
    ADD CONSTRAINT community_referralde_referral_id_58590a8a_fk_community FOREIGN KEY (referral_id) REFERENCES public.community_referral(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.community_referralprogram
    ADD CONSTRAINT community_referralpr_current_id_ebb7199b_fk_community FOREIGN KEY (current_id) REFERENCES public.community_referralprogramversion(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.community_referralprogramversion
    ADD CONSTRAINT community_referralpr_program_id_8b5479df_fk_community FOREIGN KEY (program_id) REFERENCES public.community_referralprogram(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.community_referralreward
    ADD CONSTRAINT community_referralre_account_id_4018fb34_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.community_referralreward
    ADD CONSTRAINT community_referralre_claim_id_71fc1973_fk_milestone FOREIGN KEY (claim_id) REFERENCES public.milestones_rewardclaim(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.community_referralreward
    ADD CONSTRAINT community_referralre_referral_id_9f4e1928_fk_community FOREIGN KEY (referral_id) REFERENCES public.community_referral(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.community_sharingchoice
    ADD CONSTRAINT community_sharingcho_contact_id_c332cbae_fk_accounts_ FOREIGN KEY (contact_id) REFERENCES public.accounts_contact(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.community_statement
    ADD CONSTRAINT community_statement_milestone_id_07dda94d_fk_milestone FOREIGN KEY (milestone_id) REFERENCES public.milestones_milestone(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.dashboards_accountvisit
    ADD CONSTRAINT dashboards_accountvi_account_id_0b517699_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.dashboards_accountvisit
    ADD CONSTRAINT dashboards_accountvisit_user_id_27ba6004_fk_accounts_user_id FOREIGN KEY (user_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.dashboards_dashboardversion
    ADD CONSTRAINT dashboards_dashboard_created_by_id_0485b734_fk_accounts_ FOREIGN KEY (created_by_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.dashboards_dashboard
    ADD CONSTRAINT dashboards_dashboard_current_id_51bc706a_fk_dashboard FOREIGN KEY (current_id) REFERENCES public.dashboards_dashboardversion(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.dashboards_dashboarddraft
    ADD CONSTRAINT dashboards_dashboard_dashboard_id_2d959ee3_fk_dashboard FOREIGN KEY (dashboard_id) REFERENCES public.dashboards_dashboard(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.dashboards_dashboardversion
    ADD CONSTRAINT dashboards_dashboard_dashboard_id_9429df4f_fk_dashboard FOREIGN KEY (dashboard_id) REFERENCES public.dashboards_dashboard(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.dashboards_dashboard
    ADD CONSTRAINT dashboards_dashboard_owner_id_be824c67_fk_accounts_user_id FOREIGN KEY (owner_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.dashboards_dashboard
    ADD CONSTRAINT dashboards_dashboard_team_id_c46a6631_fk_accounts_team_id FOREIGN KEY (team_id) REFERENCES public.accounts_team(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.dashboards_dashboarddraft
    ADD CONSTRAINT dashboards_dashboarddraft_user_id_bb823131_fk_accounts_user_id FOREIGN KEY (user_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.dashboards_pathdraft
    ADD CONSTRAINT dashboards_pathdraft_changed_by_id_d06cba3c_fk_accounts_user_id FOREIGN KEY (changed_by_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.dashboards_pathdraft
    ADD CONSTRAINT dashboards_pathdraft_milestone_id_edc2db82_fk_milestone FOREIGN KEY (milestone_id) REFERENCES public.milestones_milestone(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.dashboards_savedview
    ADD CONSTRAINT dashboards_savedview_owner_id_ab62718c_fk_accounts_user_id FOREIGN KEY (owner_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.dashboards_sharelink
    ADD CONSTRAINT dashboards_sharelink_dashboard_id_0fe23f09_fk_dashboard FOREIGN KEY (dashboard_id) REFERENCES public.dashboards_dashboard(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.dashboards_sharelink
    ADD CONSTRAINT dashboards_sharelink_made_by_id_d5408d50_fk_accounts_user_id FOREIGN KEY (made_by_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.django_admin_log
    ADD CONSTRAINT django_admin_log_content_type_id_c4bce8eb_fk_django_co FOREIGN KEY (content_type_id) REFERENCES public.django_content_type(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.django_admin_log
    ADD CONSTRAINT django_admin_log_user_id_c564eba6_fk_accounts_user_id FOREIGN KEY (user_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.django_celery_beat_periodictask
    ADD CONSTRAINT django_celery_beat_p_clocked_id_47a69f82_fk_django_ce FOREIGN KEY (clocked_id) REFERENCES public.django_celery_beat_clockedschedule(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.django_celery_beat_periodictask
    ADD CONSTRAINT django_celery_beat_p_crontab_id_d3cba168_fk_django_ce FOREIGN KEY (crontab_id) REFERENCES public.django_celery_beat_crontabschedule(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.django_celery_beat_periodictask
    ADD CONSTRAINT django_celery_beat_p_interval_id_a8ca27da_fk_django_ce FOREIGN KEY (interval_id) REFERENCES public.django_celery_beat_intervalschedule(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.django_celery_beat_periodictask
    ADD CONSTRAINT django_celery_beat_p_solar_id_a87ce72c_fk_django_ce FOREIGN KEY (solar_id) REFERENCES public.django_celery_beat_solarschedule(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.events_change
    ADD CONSTRAINT events_change_cause_id_c0512da5_fk_events_event_id FOREIGN KEY (cause_id) REFERENCES public.events_event(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.events_delivery
    ADD CONSTRAINT events_delivery_event_id_c08f510e_fk_events_event_id FOREIGN KEY (event_id) REFERENCES public.events_event(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.events_event
    ADD CONSTRAINT events_event_cause_id_1d6a0c4d_fk_events_event_id FOREIGN KEY (cause_id) REFERENCES public.events_event(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.experiments_assignment
    ADD CONSTRAINT experiments_assignme_account_id_3b1b77ca_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.experiments_assignment
    ADD CONSTRAINT experiments_assignme_experiment_id_0a04ebf1_fk_experimen FOREIGN KEY (experiment_id) REFERENCES public.experiments_experiment(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.experiments_exposure
    ADD CONSTRAINT experiments_exposure_account_id_6bc6d88c_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.experiments_exposure
    ADD CONSTRAINT experiments_exposure_experiment_id_f46177d7_fk_experimen FOREIGN KEY (experiment_id) REFERENCES public.experiments_experiment(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.experiments_holdoutmember
    ADD CONSTRAINT experiments_holdoutm_account_id_69a826ff_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.experiments_holdoutmember
    ADD CONSTRAINT experiments_holdoutm_holdout_id_bf5d0b32_fk_experimen FOREIGN KEY (holdout_id) REFERENCES public.experiments_holdout(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.experiments_look
    ADD CONSTRAINT experiments_look_experiment_id_e7d391a5_fk_experimen FOREIGN KEY (experiment_id) REFERENCES public.experiments_experiment(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.experiments_outcomerow
    ADD CONSTRAINT experiments_outcomer_account_id_c9a43954_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.experiments_outcomerow
    ADD CONSTRAINT experiments_outcomer_experiment_id_4328ae00_fk_experimen FOREIGN KEY (experiment_id) REFERENCES public.experiments_experiment(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.experiments_override
    ADD CONSTRAINT experiments_override_account_id_e6346c38_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.experiments_override
    ADD CONSTRAINT experiments_override_experiment_id_9ce11fdf_fk_experimen FOREIGN KEY (experiment_id) REFERENCES public.experiments_experiment(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.experiments_policydecision
    ADD CONSTRAINT experiments_policyde_account_id_4d065966_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.experiments_policydecision
    ADD CONSTRAINT experiments_policyde_contact_id_08e504bd_fk_accounts_ FOREIGN KEY (contact_id) REFERENCES public.accounts_contact(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.health_accounthealth
    ADD CONSTRAINT health_accounthealth_account_id_29798fb4_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.health_accounthealth
    ADD CONSTRAINT health_accounthealth_latest_id_bff51b9e_fk_health_he FOREIGN KEY (latest_id) REFERENCES public.health_healthscore(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.health_accounthealth
    ADD CONSTRAINT health_accounthealth_model_id_9b8a6323_fk_health_healthmodel_id FOREIGN KEY (model_id) REFERENCES public.health_healthmodel(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.health_accounthealth
    ADD CONSTRAINT health_accounthealth_stale_cause_id_0b42f0ab_fk_events_event_id FOREIGN KEY (stale_cause_id) REFERENCES public.events_event(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.health_healthscore
    ADD CONSTRAINT health_healthscore_account_id_a7843cfa_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.health_healthscore
    ADD CONSTRAINT health_healthscore_cause_id_789c3ec9_fk_events_event_id FOREIGN KEY (cause_id) REFERENCES public.events_event(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.health_healthscore
    ADD CONSTRAINT health_healthscore_model_id_427e6a0b_fk_health_healthmodel_id FOREIGN KEY (model_id) REFERENCES public.health_healthmodel(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.integrations_apikey
    ADD CONSTRAINT integrations_apikey_owner_id_e4f8db88_fk_accounts_user_id FOREIGN KEY (owner_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.integrations_rejection
    ADD CONSTRAINT integrations_rejecti_source_id_07f445c4_fk_integrati FOREIGN KEY (source_id) REFERENCES public.integrations_source(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.integrations_webhookdelivery
    ADD CONSTRAINT integrations_webhook_account_id_fc36b81f_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.integrations_webhookdelivery
    ADD CONSTRAINT integrations_webhook_event_id_233f606b_fk_events_ev FOREIGN KEY (event_id) REFERENCES public.events_event(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.integrations_webhookdelivery
    ADD CONSTRAINT integrations_webhook_webhook_id_6db7c388_fk_integrati FOREIGN KEY (webhook_id) REFERENCES public.integrations_webhook(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.interventions_enrolment
    ADD CONSTRAINT interventions_enrolm_account_id_198a2948_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.interventions_enrolment
    ADD CONSTRAINT interventions_enrolm_contact_id_ae4f186f_fk_accounts_ FOREIGN KEY (contact_id) REFERENCES public.accounts_contact(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.interventions_enrolment
    ADD CONSTRAINT interventions_enrolm_play_id_9947b079_fk_intervent FOREIGN KEY (play_id) REFERENCES public.interventions_play(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.interventions_enrolment
    ADD CONSTRAINT interventions_enrolm_prediction_id_17da8978_fk_churn_pre FOREIGN KEY (prediction_id) REFERENCES public.churn_prediction(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.interventions_enrolment
    ADD CONSTRAINT interventions_enrolm_version_id_e3abbe09_fk_intervent FOREIGN KEY (version_id) REFERENCES public.interventions_playversion(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.interventions_enrolment
    ADD CONSTRAINT interventions_enrolment_cause_id_7db29d79_fk_events_event_id FOREIGN KEY (cause_id) REFERENCES public.events_event(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.interventions_escalationstep
    ADD CONSTRAINT interventions_escala_escalation_id_7806b4ad_fk_intervent FOREIGN KEY (escalation_id) REFERENCES public.interventions_escalation(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.interventions_escalation
    ADD CONSTRAINT interventions_escala_ladder_id_7af48e47_fk_intervent FOREIGN KEY (ladder_id) REFERENCES public.interventions_ladder(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.interventions_escalationstep
    ADD CONSTRAINT interventions_escala_person_id_600ee6de_fk_accounts_ FOREIGN KEY (person_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.interventions_escalation
    ADD CONSTRAINT interventions_escala_task_id_c74521a0_fk_intervent FOREIGN KEY (task_id) REFERENCES public.interventions_task(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.interventions_escalation
    ADD CONSTRAINT interventions_escalation_cause_id_1d26c763_fk_events_event_id FOREIGN KEY (cause_id) REFERENCES public.events_event(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.interventions_fit
    ADD CONSTRAINT interventions_fit_account_id_400e2013_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.interventions_fit
    ADD CONSTRAINT interventions_fit_play_id_ac400809_fk_interventions_play_id FOREIGN KEY (play_id) REFERENCES public.interventions_play(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.interventions_holiday
    ADD CONSTRAINT interventions_holiday_team_id_1286b713_fk_accounts_team_id FOREIGN KEY (team_id) REFERENCES public.accounts_team(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.interventions_ladder
    ADD CONSTRAINT interventions_ladder_head_id_a6583d25_fk_accounts_user_id FOREIGN KEY (head_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.interventions_passedover
    ADD CONSTRAINT interventions_passed_account_id_6c56dcdc_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.interventions_passedover
    ADD CONSTRAINT interventions_passed_play_id_dd84c504_fk_intervent FOREIGN KEY (play_id) REFERENCES public.interventions_play(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.interventions_passedover
    ADD CONSTRAINT interventions_passedover_cause_id_a4b30a2f_fk_events_event_id FOREIGN KEY (cause_id) REFERENCES public.events_event(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.interventions_play
    ADD CONSTRAINT interventions_play_current_id_5dbb5ac1_fk_intervent FOREIGN KEY (current_id) REFERENCES public.interventions_playversion(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.interventions_playversion
    ADD CONSTRAINT interventions_playve_play_id_7648a0a3_fk_intervent FOREIGN KEY (play_id) REFERENCES public.interventions_play(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.interventions_rehearsal
    ADD CONSTRAINT interventions_rehear_play_id_1055b0c8_fk_intervent FOREIGN KEY (play_id) REFERENCES public.interventions_play(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.interventions_steprecord
    ADD CONSTRAINT interventions_stepre_decision_id_42a8eb77_fk_experimen FOREIGN KEY (decision_id) REFERENCES public.experiments_policydecision(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.interventions_steprecord
    ADD CONSTRAINT interventions_stepre_enrolment_id_2fc47476_fk_intervent FOREIGN KEY (enrolment_id) REFERENCES public.interventions_enrolment(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.interventions_steprecord
    ADD CONSTRAINT interventions_stepre_message_id_413ed7df_fk_messaging FOREIGN KEY (message_id) REFERENCES public.messaging_message(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.interventions_task
    ADD CONSTRAINT interventions_task_account_id_24e9db3b_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.interventions_task
    ADD CONSTRAINT interventions_task_cause_id_0cddaa55_fk_events_event_id FOREIGN KEY (cause_id) REFERENCES public.events_event(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.interventions_task
    ADD CONSTRAINT interventions_task_enrolment_id_f18ea7c4_fk_intervent FOREIGN KEY (enrolment_id) REFERENCES public.interventions_enrolment(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.interventions_task
    ADD CONSTRAINT interventions_task_owner_id_504aad95_fk_accounts_user_id FOREIGN KEY (owner_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.interventions_taskassignee
    ADD CONSTRAINT interventions_taskas_task_id_703b302b_fk_intervent FOREIGN KEY (task_id) REFERENCES public.interventions_task(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.interventions_taskassignee
    ADD CONSTRAINT interventions_taskassignee_user_id_5d8068b8_fk_accounts_user_id FOREIGN KEY (user_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.interventions_tasksource
    ADD CONSTRAINT interventions_taskso_enrolment_id_4306e9b1_fk_intervent FOREIGN KEY (enrolment_id) REFERENCES public.interventions_enrolment(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.interventions_tasksource
    ADD CONSTRAINT interventions_taskso_task_id_eae3aec3_fk_intervent FOREIGN KEY (task_id) REFERENCES public.interventions_task(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.interventions_tasksource
    ADD CONSTRAINT interventions_tasksource_cause_id_40a92b30_fk_events_event_id FOREIGN KEY (cause_id) REFERENCES public.events_event(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.interventions_workingtime
    ADD CONSTRAINT interventions_workingtime_user_id_ce50319d_fk_accounts_user_id FOREIGN KEY (user_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.messaging_consent
    ADD CONSTRAINT messaging_consent_contact_id_693a2884_fk_accounts_contact_id FOREIGN KEY (contact_id) REFERENCES public.accounts_contact(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.messaging_decision
    ADD CONSTRAINT messaging_decision_account_id_1a4dee21_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.messaging_decision
    ADD CONSTRAINT messaging_decision_message_id_8a884c6c_fk_messaging_message_id FOREIGN KEY (message_id) REFERENCES public.messaging_message(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.messaging_digest
    ADD CONSTRAINT messaging_digest_contact_id_f0aa8147_fk_accounts_contact_id FOREIGN KEY (contact_id) REFERENCES public.accounts_contact(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.messaging_hold
    ADD CONSTRAINT messaging_hold_account_id_5f58c2d6_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.messaging_message
    ADD CONSTRAINT messaging_message_account_id_21900bb3_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.messaging_message
    ADD CONSTRAINT messaging_message_approver_id_0f152cc0_fk_accounts_user_id FOREIGN KEY (approver_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.messaging_message
    ADD CONSTRAINT messaging_message_cause_id_1841fc95_fk_events_event_id FOREIGN KEY (cause_id) REFERENCES public.events_event(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.messaging_message
    ADD CONSTRAINT messaging_message_contact_id_20c3f93a_fk_accounts_contact_id FOREIGN KEY (contact_id) REFERENCES public.accounts_contact(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.messaging_message
    ADD CONSTRAINT messaging_message_digest_id_c618ad1d_fk_messaging_digest_id FOREIGN KEY (digest_id) REFERENCES public.messaging_digest(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.messaging_message
    ADD CONSTRAINT messaging_message_template_id_922791e8_fk_messaging_template_id FOREIGN KEY (template_id) REFERENCES public.messaging_template(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.messaging_messageattempt
    ADD CONSTRAINT messaging_messageatt_message_id_989cb726_fk_messaging FOREIGN KEY (message_id) REFERENCES public.messaging_message(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.messaging_providerevent
    ADD CONSTRAINT messaging_providerev_contact_id_001b81e9_fk_accounts_ FOREIGN KEY (contact_id) REFERENCES public.accounts_contact(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.messaging_providerevent
    ADD CONSTRAINT messaging_providerev_message_id_52476c01_fk_messaging FOREIGN KEY (message_id) REFERENCES public.messaging_message(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.messaging_pushsubscription
    ADD CONSTRAINT messaging_pushsubscr_contact_id_4cc92cc0_fk_accounts_ FOREIGN KEY (contact_id) REFERENCES public.accounts_contact(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.metrics_accounttally
    ADD CONSTRAINT metrics_accounttally_account_id_05a17c0e_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.metrics_accounttally
    ADD CONSTRAINT metrics_accounttally_stale_cause_id_4fc8c104_fk_events_event_id FOREIGN KEY (stale_cause_id) REFERENCES public.events_event(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_accountability
    ADD CONSTRAINT milestones_accountab_account_id_7a6bee85_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_badge
    ADD CONSTRAINT milestones_badge_milestone_id_8be99057_fk_milestone FOREIGN KEY (milestone_id) REFERENCES public.milestones_milestone(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_badgeaward
    ADD CONSTRAINT milestones_badgeawar_account_id_b1d4ae18_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_badgeaward
    ADD CONSTRAINT milestones_badgeaward_badge_id_d30ae573_fk_milestones_badge_id FOREIGN KEY (badge_id) REFERENCES public.milestones_badge(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_boardplace
    ADD CONSTRAINT milestones_boardplac_account_id_2426ec5e_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_boardplace
    ADD CONSTRAINT milestones_boardplac_contact_id_80882659_fk_accounts_ FOREIGN KEY (contact_id) REFERENCES public.accounts_contact(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_boardplace
    ADD CONSTRAINT milestones_boardplace_board_id_ae6b941b_fk_milestones_board_id FOREIGN KEY (board_id) REFERENCES public.milestones_board(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_claim
    ADD CONSTRAINT milestones_claim_account_id_b9bb2346_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_claim
    ADD CONSTRAINT milestones_claim_milestone_id_b4fc44bc_fk_milestone FOREIGN KEY (milestone_id) REFERENCES public.milestones_milestone(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_difficultychoice
    ADD CONSTRAINT milestones_difficult_account_id_2fc231e3_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_difficultychoice
    ADD CONSTRAINT milestones_difficult_milestone_id_029040ae_fk_milestone FOREIGN KEY (milestone_id) REFERENCES public.milestones_milestone(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_difficultychoice
    ADD CONSTRAINT milestones_difficult_progress_id_cdc88958_fk_milestone FOREIGN KEY (progress_id) REFERENCES public.milestones_progress(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_difficultychoice
    ADD CONSTRAINT milestones_difficult_version_id_bcf76055_fk_milestone FOREIGN KEY (version_id) REFERENCES public.milestones_milestoneversion(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_held
    ADD CONSTRAINT milestones_held_account_id_7501910d_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_milestone
    ADD CONSTRAINT milestones_milestone_current_id_68e94bbb_fk_milestone FOREIGN KEY (current_id) REFERENCES public.milestones_milestoneversion(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_milestoneversion
    ADD CONSTRAINT milestones_milestone_milestone_id_4657d79c_fk_milestone FOREIGN KEY (milestone_id) REFERENCES public.milestones_milestone(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_milestonedifficulty
    ADD CONSTRAINT milestones_milestone_milestone_id_772ccce0_fk_milestone FOREIGN KEY (milestone_id) REFERENCES public.milestones_milestone(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_milestonevalue
    ADD CONSTRAINT milestones_milestone_milestone_id_a15e2a8d_fk_milestone FOREIGN KEY (milestone_id) REFERENCES public.milestones_milestone(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_milestonevalue
    ADD CONSTRAINT milestones_milestone_reading_id_c41f51fb_fk_milestone FOREIGN KEY (reading_id) REFERENCES public.milestones_orderreading(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_need
    ADD CONSTRAINT milestones_need_milestone_id_bf779f6c_fk_milestone FOREIGN KEY (milestone_id) REFERENCES public.milestones_milestone(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_need
    ADD CONSTRAINT milestones_need_needed_id_d9a2d3ea_fk_milestones_milestone_id FOREIGN KEY (needed_id) REFERENCES public.milestones_milestone(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_pacing
    ADD CONSTRAINT milestones_pacing_milestone_id_127630a6_fk_milestone FOREIGN KEY (milestone_id) REFERENCES public.milestones_milestone(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_pathchoice
    ADD CONSTRAINT milestones_pathchoic_account_id_9a7a8a65_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_pathchoice
    ADD CONSTRAINT milestones_pathchoic_ahead_id_74bdbcd5_fk_milestone FOREIGN KEY (ahead_id) REFERENCES public.milestones_milestone(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_pathchoice
    ADD CONSTRAINT milestones_pathchoic_milestone_id_883d9a3e_fk_milestone FOREIGN KEY (milestone_id) REFERENCES public.milestones_milestone(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_pathchoice
    ADD CONSTRAINT milestones_pathchoic_progress_id_431288fe_fk_milestone FOREIGN KEY (progress_id) REFERENCES public.milestones_progress(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_pathchoice
    ADD CONSTRAINT milestones_pathchoic_reading_id_555a0c7c_fk_milestone FOREIGN KEY (reading_id) REFERENCES public.milestones_orderreading(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_pathmark
    ADD CONSTRAINT milestones_pathmark_account_id_ed73cbb7_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_pathmark
    ADD CONSTRAINT milestones_pathmark_stale_cause_id_3b8ad390_fk_events_event_id FOREIGN KEY (stale_cause_id) REFERENCES public.events_event(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_progress
    ADD CONSTRAINT milestones_progress_account_id_65b77043_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_progress
    ADD CONSTRAINT milestones_progress_milestone_id_57440dbc_fk_milestone FOREIGN KEY (milestone_id) REFERENCES public.milestones_milestone(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_progress
    ADD CONSTRAINT milestones_progress_version_id_6d5c305e_fk_milestone FOREIGN KEY (version_id) REFERENCES public.milestones_milestoneversion(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_recognitionchoice
    ADD CONSTRAINT milestones_recogniti_contact_id_7f16e307_fk_accounts_ FOREIGN KEY (contact_id) REFERENCES public.accounts_contact(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_redemption
    ADD CONSTRAINT milestones_redemptio_account_id_54bcd135_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_redemption
    ADD CONSTRAINT milestones_redemptio_contact_id_af3b6e8b_fk_accounts_ FOREIGN KEY (contact_id) REFERENCES public.accounts_contact(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_redemption
    ADD CONSTRAINT milestones_redemptio_item_id_2c3a415e_fk_milestone FOREIGN KEY (item_id) REFERENCES public.milestones_catalogueitem(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_rewardbalance
    ADD CONSTRAINT milestones_rewardbal_account_id_147dd50d_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_rewardbalance
    ADD CONSTRAINT milestones_rewardbal_budget_id_a1d3baa0_fk_milestone FOREIGN KEY (budget_id) REFERENCES public.milestones_rewardbudget(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_rewardclaim
    ADD CONSTRAINT milestones_rewardcla_account_id_4cd7d014_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_rewardclaim
    ADD CONSTRAINT milestones_rewardcla_budget_id_917d9904_fk_milestone FOREIGN KEY (budget_id) REFERENCES public.milestones_rewardbudget(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_rewardclaim
    ADD CONSTRAINT milestones_rewardcla_contact_id_56919423_fk_accounts_ FOREIGN KEY (contact_id) REFERENCES public.accounts_contact(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_rewardclaim
    ADD CONSTRAINT milestones_rewardcla_rule_id_65c34f33_fk_milestone FOREIGN KEY (rule_id) REFERENCES public.milestones_rewardrule(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_rewardmovement
    ADD CONSTRAINT milestones_rewardmov_budget_id_cf516303_fk_milestone FOREIGN KEY (budget_id) REFERENCES public.milestones_rewardbudget(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_rewardmovement
    ADD CONSTRAINT milestones_rewardmov_reverses_id_d6f585fa_fk_milestone FOREIGN KEY (reverses_id) REFERENCES public.milestones_rewardmovement(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_rewardrule
    ADD CONSTRAINT milestones_rewardrul_milestone_id_8866a9ee_fk_milestone FOREIGN KEY (milestone_id) REFERENCES public.milestones_milestone(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_streak
    ADD CONSTRAINT milestones_streak_account_id_32bb390f_fk_accounts_account_id FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_streakpause
    ADD CONSTRAINT milestones_streakpau_account_id_2261ede7_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_tierstanding
    ADD CONSTRAINT milestones_tierstand_account_id_19935151_fk_accounts_ FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.accounts_arrmovement
    ADD CONSTRAINT movement_of_account FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.accounts_arrmovement
    ADD CONSTRAINT movement_of_contract FOREIGN KEY (subscription_id) REFERENCES public.accounts_subscription(id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_rewardmovement
    ADD CONSTRAINT reward_of_account FOREIGN KEY (account_id) REFERENCES public.accounts_account(id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_rewardmovement
    ADD CONSTRAINT reward_of_claim FOREIGN KEY (claim_id) REFERENCES public.milestones_rewardclaim(id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.milestones_rewardmovement
    ADD CONSTRAINT reward_of_redemption FOREIGN KEY (redemption_id) REFERENCES public.milestones_redemption(id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.waffle_flag_groups
    ADD CONSTRAINT waffle_flag_groups_flag_id_c11c0c05_fk_waffle_flag_id FOREIGN KEY (flag_id) REFERENCES public.waffle_flag(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.waffle_flag_groups
    ADD CONSTRAINT waffle_flag_groups_group_id_a97c4f66_fk_auth_group_id FOREIGN KEY (group_id) REFERENCES public.auth_group(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.waffle_flag_users
    ADD CONSTRAINT waffle_flag_users_flag_id_833c37b0_fk_waffle_flag_id FOREIGN KEY (flag_id) REFERENCES public.waffle_flag(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.waffle_flag_users
    ADD CONSTRAINT waffle_flag_users_user_id_8026df9b_fk_accounts_user_id FOREIGN KEY (user_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
