/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "cli/json.h"
#include "cli/tune_try.h"

static json_t *
side_json(const struct tune_trial_side *s)
{
        json_t *object = json_object(), *failed = json_object(), *counted = json_object();

        json_set_number(object, "tried", s->tried);
        json_set_number(object, "made", s->made);
        json_set_number(object, "took_us", s->took_us);
        json_set_number(object, "made_a_second", tune_try_a_second(s));
        json_set_bool(object, "ports_ran_out", s->ports_out);
        if (s->ports_out) {
                json_set_number(object, "made_until_ports_ran_out", s->made_until_out);
                json_set_number(object, "ports_ran_out_after_us", s->until_out_us);
        }
        if (s->made > 0) {
                json_set_number(object, "connect_median_us", s->median_us);
                json_set_number(object, "connect_p99_us", s->p99_us);
                json_set_number(object, "connect_longest_us", s->longest_us);
        }
        for (size_t i = 0; i < TUNE_TRIAL_ERRORS; i++)
                if (s->failed[i].count > 0)
                        json_set_number(failed, tune_try_error_name(s->failed[i].error), s->failed[i].count);
        for (unsigned int i = 0; i < TUNE_COUNTER_COUNT; i++)
                json_set_number(counted, tune_trial_counter_name((enum tune_trial_counter)i), s->counted[i]);
        json_object_set_new(object, "failed", failed);
        json_object_set_new(object, "client", json_states(s->client));
        if (!s->one_namespace)
                json_object_set_new(object, "server", json_states(s->server));
        json_object_set_new(object, "counters", counted);
        return object;
}

static json_t *
settings_json(const struct trying *y)
{
        json_t *array = json_array();

        for (size_t i = 0; i < y->plan.conf.count && i < TUNE_TRIAL_SETTINGS; i++) {
                const struct tune_plan_item *item = &y->plan.item[i];
                json_t *object = json_object();
                char *why = tune_try_unseen(y, i);

                json_set_text(object, "name", item->setting->name);
                if (item->before)
                        json_set_text(object, "before", item->before);
                json_set_text(object, "after", item->after);
                json_set_text(object, "verdict", tune_verdict_id(item->judgement.verdict));
                if (y->side[1].refused[i] < 0)
                        json_set_text(object, "refused", strerror(-y->side[1].refused[i]));
                if (why)
                        json_set_text(object, "not_seen", why);
                free(why);
                json_array_append_new(array, object);
        }
        return array;
}

void
tune_try_json(const struct trying *y)
{
        json_t *object = json_object();

        json_set_text(object, "kernel", y->plan.evidence.release);
        json_set_text(object, "workload", tune_workload_id(y->trial.workload));
        json_set_bool(object, "workload_shows_it", y->shown);
        json_set_number(object, "for_s", y->trial.for_s);
        json_set_number(object, "connections", y->trial.connections);
        if (y->trial.small_range)
                json_set_number(object, "local_ports", TUNE_TRIAL_PORTS);
        json_object_set_new(object, "settings", settings_json(y));
        json_object_set_new(object, "before", side_json(&y->side[0]));
        json_object_set_new(object, "after", side_json(&y->side[1]));
        json_write(object, stdout);
}
