/* SPDX-License-Identifier: BSD-2-Clause */
/* Gives a fuzz target every file of its corpus once, and the empty input: a finding kept is a test for ever. */
#include <dirent.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
visible(const struct dirent *entry)
{
        return entry->d_name[0] != '.';
}

/* The whole of a file; NULL, and the reason on standard error, if it cannot be read. */
static uint8_t *
read_file(const char *path, size_t *ret_size)
{
        FILE *file = fopen(path, "rb");
        uint8_t *data = NULL;
        size_t size = 0, room = 0, got = 0;

        if (!file) {
                perror(path);
                return NULL;
        }
        do {
                if (size == room) {
                        room = room ? 2 * room : 4096;
                        data = realloc(data, room);
                        if (!data)
                                abort();
                }
                got = fread(data + size, 1, room - size, file);
                size += got;
        } while (got > 0);
        fclose(file);
        *ret_size = size;
        return data;
}

static void
replay(const char *directory, const char *name, int number)
{
        char path[4096];
        size_t size;

        snprintf(path, sizeof(path), "%s/%s", directory, name);
        uint8_t *data = read_file(path, &size);
        if (data) {
                uint8_t *exact = malloc(size ? size : 1); /* so that a read past the end is one past the block */
                if (!exact)
                        abort();
                for (size_t i = 0; i < size; i++)
                        exact[i] = data[i];
                LLVMFuzzerTestOneInput(exact, size);
                free(exact);
        }
        printf("%s %d - %s\n", data ? "ok" : "not ok", number, name);
        free(data);
}

int
main(int argc, char **argv)
{
        struct dirent **entries;
        int count = argc == 2 ? scandir(argv[1], &entries, visible, alphasort) : -1;

        if (count < 0) {
                fprintf(stderr, "usage: %s CORPUS_DIRECTORY\n", argv[0]);
                return 64;
        }
        printf("1..%d\n", count + 1);
        LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
        printf("ok 1 - (empty)\n");
        for (int i = 0; i < count; i++) {
                replay(argv[1], entries[i]->d_name, i + 2);
                free(entries[i]);
        }
        free(entries);
        return 0;
}
