/* SPDX-License-Identifier: BSD-2-Clause */
/* The program behind `make sim`: one seed in full, or many in a line each. */
#include <errno.h>
#include <getopt.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "cli/lab.h"
#include "sim.h"

#define EXIT_FAILED 1
#define EXIT_WRONG  64
#define RUNS_USUAL  100

static const char usage[] =
        "usage: sim [--seed N] [--runs K] [--trouble PER_MILLE] [--pcap FILE] [--ladder FILE] [--save DIRECTORY]\n"
        "\n"
        "  --seed N      begin with this one; a random one if not said\n"
        "  --runs K      so many seeds, one after the other, a line for each; of one, all there is to say\n"
        "                [1 if a seed is given, else 100]\n"
        "  --trouble N   how bad it may get, 0 to 300 per mille of each kind [300]\n"
        "  --pcap FILE   the packets of the last run, for Wireshark, each with what it caused\n"
        "  --ladder FILE the same as a ladder, for people\n"
        "  --save DIR    where both go of a run that failed [.]\n"
        "\n"
        "The exit status is 1 if something did not hold.\n";

struct request {
        uint64_t seed, runs, trouble;
        const char *pcap, *ladder, *save;
};

static uint64_t playing;

/* An assertion of the engine ends the program: with the seed, and what did not hold. */
void
la_assert_failed(const char *file, int line, const char *condition)
{
        printf("\nmake sim SEED=%llu\n    repeats it: %s:%d: %s does not hold\n", (unsigned long long)playing, file,
               line, condition);
        fflush(stdout);
        abort();
}

/* ---- The command line ---- */

static uint64_t
number(const char *name, const char *text, uint64_t most)
{
        char *end;
        unsigned long long n;

        errno = 0;
        n = strtoull(text, &end, 0);
        if (*text == '\0' || *text == '-' || *end != '\0' || errno || n > most) {
                fprintf(stderr, "sim: %s is a whole number up to %llu, not '%s'\n", name, (unsigned long long)most,
                        text);
                exit(EXIT_WRONG);
        }
        return n;
}

static uint64_t
random_seed(void)
{
        uint32_t n;

        return getrandom(&n, sizeof n, 0) == sizeof n ? n : 1;
}

static struct request
parse(int argc, char **argv)
{
        static const struct option options[] = {
                { "seed", required_argument, NULL, 's' },    { "runs", required_argument, NULL, 'r' },
                { "trouble", required_argument, NULL, 't' }, { "pcap", required_argument, NULL, 'p' },
                { "ladder", required_argument, NULL, 'l' },  { "save", required_argument, NULL, 'd' },
                { "help", no_argument, NULL, 'h' },          { 0 },
        };
        struct request r = { .seed = random_seed(), .runs = 0, .trouble = SIM_TROUBLE_MAX, .save = "." };
        bool given = false;
        int key;

        while ((key = getopt_long(argc, argv, "", options, NULL)) != -1)
                switch (key) {
                case 's':
                        r.seed = number("a seed", optarg, UINT64_MAX);
                        given = true;
                        break;
                case 'r':
                        r.runs = number("the number of runs", optarg, UINT64_MAX);
                        break;
                case 't':
                        r.trouble = number("trouble", optarg, SIM_TROUBLE_MAX);
                        break;
                case 'p':
                        r.pcap = optarg;
                        break;
                case 'l':
                        r.ladder = optarg;
                        break;
                case 'd':
                        r.save = optarg;
                        break;
                case 'h':
                        fputs(usage, stdout);
                        exit(0);
                default:
                        fputs(usage, stderr);
                        exit(EXIT_WRONG);
                }
        if (optind < argc) {
                fprintf(stderr, "sim: what is '%s'?\n%s", argv[optind], usage);
                exit(EXIT_WRONG);
        }
        if (r.runs == 0)
                r.runs = given ? 1 : RUNS_USUAL;
        return r;
}

/* ---- The packets ---- */

/* True if it could be written. */
static bool
write_pcap(const struct sim *sim, const char *path)
{
        const struct la_lab_scenario scenario = { .name = "sim", .title = "sim" };
        struct lab_run run = { .kind = LAB_RUN_SCRIPT, .scenario = &scenario, .lab = sim->lab };
        int status = lab_runs_pcap(path, &run, 1);

        if (status < 0)
                fprintf(stderr, "sim: cannot write %s: %s\n", path, strerror(-status));
        return status == 0;
}

static bool
write_ladder(const struct sim *sim, const char *path)
{
        struct terminal terminal;
        FILE *file = fopen(path, "we");

        if (!file) {
                fprintf(stderr, "sim: cannot write %s: %s\n", path, strerror(errno));
                return false;
        }
        terminal = terminal_of(file);
        sim_put(file, sim);
        fputc('\n', file);
        ladder_put(&terminal, sim->lab, NULL);
        return fclose(file) == 0;
}

/* What there is to look at of a run that failed, and how to have it again. */
static void
help_with(const struct request *r, const struct sim *sim)
{
        char path[2][512];

        snprintf(path[0], sizeof path[0], "%s/sim-%llu.pcapng", r->save, (unsigned long long)sim->seed);
        snprintf(path[1], sizeof path[1], "%s/sim-%llu.txt", r->save, (unsigned long long)sim->seed);
        printf("\nmake sim SEED=%llu\n    repeats it: %s\n", (unsigned long long)sim->seed, sim->fault);
        if (write_pcap(sim, path[0]) && write_ladder(sim, path[1]))
                printf("    %s has its packets, %s its ladder\n", path[0], path[1]);
        sim_put(stdout, sim);
}

/* ---- Runs ---- */

static int
run(const struct request *r, uint64_t seed, bool last)
{
        struct sim *sim;
        int status;

        playing = seed;
        sim = sim_run(seed, (unsigned int)r->trouble);
        if (!sim) {
                fputs("sim: out of memory\n", stderr);
                return EXIT_FAILED;
        }
        status = sim->fault[0] ? EXIT_FAILED : 0;
        if (r->runs > 1)
                sim_put_line(stdout, sim);
        if (status)
                help_with(r, sim);
        else if (r->runs == 1)
                sim_put(stdout, sim);
        if (last && ((r->pcap && !write_pcap(sim, r->pcap)) || (r->ladder && !write_ladder(sim, r->ladder))))
                status = EXIT_FAILED;
        sim_free(sim);
        fflush(stdout);
        return status;
}

int
main(int argc, char **argv)
{
        struct request r = parse(argc, argv);
        uint64_t failed = 0;

        setlocale(LC_ALL, "");
        for (uint64_t i = 0; i < r.runs; i++)
                failed += run(&r, r.seed + i, i + 1 == r.runs) ? 1 : 0;
        if (r.runs > 1)
                printf("%llu runs from seed %llu, %llu failed\n", (unsigned long long)r.runs,
                       (unsigned long long)r.seed, (unsigned long long)failed);
        return failed ? EXIT_FAILED : 0;
}
