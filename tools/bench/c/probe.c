/*
 * The stopwatch of the scan-to-relay benchmark, the same for every subject: makes two pseudo-terminals, prints their names, and at
 * each line on standard input that says "run N GAP_US" sends N card frames down the first, waits for the relay's "on" frame on the second,
 * and prints the N times in nanoseconds.
 *
 * Frames: RDM6300 in, LCUS channel 1 out (A0 01 01 A2).
 */
#define _GNU_SOURCE
#include <poll.h>
#include <pty.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { ANSWER_MS_MAX = 5000, CARDS = 1000 };

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int make_pty(char *name)
{
    int master, slave;
    struct termios raw;
    cfmakeraw(memset(&raw, 0, sizeof raw));
    raw.c_cflag |= CREAD | CLOCAL | CS8;
    if (openpty(&master, &slave, name, &raw, NULL) != 0) {
        perror("openpty");
        exit(1);
    }
    /* The slave stays open here, so that a subject may come and go without a hang-up. */
    return master;
}

/* Card number `which` of the list: 01 and four bytes, big-endian. */
static int card_frame(char *frame, uint32_t which)
{
    uint8_t data[5] = {0x01, (uint8_t)(which >> 24), (uint8_t)(which >> 16), (uint8_t)(which >> 8), (uint8_t)which};
    uint8_t check = 0;
    for (int i = 0; i < 5; i++) check ^= data[i];
    return sprintf(frame, "\x02%02X%02X%02X%02X%02X%02X\x03", data[0], data[1], data[2], data[3], data[4], check);
}

static int wait_for_on(int relay)
{
    static const uint8_t ON[4] = {0xA0, 0x01, 0x01, 0xA2};
    int matched = 0;
    for (;;) {
        struct pollfd ready = {.fd = relay, .events = POLLIN};
        if (poll(&ready, 1, ANSWER_MS_MAX) <= 0) return -1;
        uint8_t bytes[64];
        ssize_t count = read(relay, bytes, sizeof bytes);
        if (count <= 0) return -1;
        for (ssize_t i = 0; i < count; i++) {
            matched = bytes[i] == ON[matched] ? matched + 1 : bytes[i] == ON[0];
            if (matched == 4) return 0;
        }
    }
}

static void drain(int relay, long wait_us)
{
    uint64_t until = now_ns() + (uint64_t)wait_us * 1000u;
    uint8_t bytes[256];
    for (uint64_t now = now_ns(); now < until; now = now_ns()) {
        struct pollfd ready = {.fd = relay, .events = POLLIN};
        if (poll(&ready, 1, (int)((until - now) / 1000000u) + 1) > 0 && read(relay, bytes, sizeof bytes) <= 0) return;
    }
}

int main(void)
{
    char reader_name[128], relay_name[128], line[128], frame[32];
    int reader = make_pty(reader_name), relay = make_pty(relay_name);
    uint32_t which = 0;
    printf("%s %s\n", reader_name, relay_name);
    fflush(stdout);

    while (fgets(line, sizeof line, stdin)) {
        int runs;
        long gap_us;
        if (sscanf(line, "run %d %ld", &runs, &gap_us) != 2 || runs < 1 || runs > 100000) continue;
        for (int i = 0; i < runs; i++) {
            drain(relay, gap_us);
            int length = card_frame(frame, which++ % CARDS + 1);
            uint64_t begin = now_ns();
            if (write(reader, frame, (size_t)length) != length || wait_for_on(relay) != 0) {
                printf("lost\n");
                fflush(stdout);
                return 1;
            }
            printf("%llu\n", (unsigned long long)(now_ns() - begin));
        }
        printf("done\n");
        fflush(stdout);
    }
    return 0;
}
