/*
 * A library with the ABI of NVML (nvml.h, API 13) whose answers stand in a file, which is read again at each call: so a test, or
 * the recorded command itself, can change them at any time. -DANSWERS="path" names the file. A line is
 *
 *     <device> <key> <answer>
 *
 * where <device> is `nvml`, `0`, `0/mig1`, …, <key> the name of the call without `nvmlDeviceGet`, `_v2` and the like (with `.1`
 * for an argument), or `*` for every call, and <answer> numbers or a text, `!15` for a return code, `hang`, or `die`. What has no
 * line gives NOT_SUPPORTED. Built with -DOLD, it has the functions of an old driver; with -DEARLY_535, the layouts of one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef int Return;
typedef unsigned int u32;
typedef unsigned long long u64;

enum { OK = 0, INVALID = 2, NOT_SUPPORTED = 3, NOT_FOUND = 6, INSUFFICIENT = 7, VERSION = 25 };
enum { GPUS = 16, MIGS = 8 };

typedef struct { int gpu, mig; } Device;
static Device devices[GPUS][MIGS + 1];

typedef struct { u32 gpu, memory; } Utilization;
typedef struct { u64 total, free, used; } Memory;
typedef struct { u32 version; u64 total, reserved, free, used; } Memory2;
typedef struct { u32 pid; u64 used; } Process1;
#ifdef EARLY_535
typedef struct { u32 pid; u64 used; u32 gi, ci; u64 protectedMemory; } Process2;
#else
typedef struct { u32 pid; u64 used; u32 gi, ci; } Process2;
#endif
typedef struct { char legacy[16]; u32 domain, bus, device, id, subsystem; char busId[32]; } Pci;
typedef struct { u32 pid; u64 time; u32 sm, memory, encoder, decoder; } Sample;
typedef struct { u32 id, scope; long long time, latency; u32 type; Return code; u64 value; } Field;
typedef struct { u32 version, sensor; int temperature; } Temperature;

/* One for each thread: PCIe throughput is read beside the other calls. */
static __thread char answer[65536];

static int find(const char *device, const char *key) {
    FILE *file = fopen(ANSWERS, "r");
    char line[65536], itsDevice[64], itsKey[128];
    int at, found = 0;
    if (file == NULL) return 0;
    while (fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = 0;
        if (sscanf(line, "%63s %127s %n", itsDevice, itsKey, &at) < 2 || strcmp(itsDevice, device) != 0) continue;
        if (strcmp(itsKey, "*") != 0 && (found == 2 || strcmp(itsKey, key) != 0)) continue;
        found = strcmp(itsKey, "*") == 0 ? 2 : 1;
        strcpy(answer, line + at);
    }
    fclose(file);
    return found;
}

/* Leaves a file behind, so that others know. */
static void die(void) {
    fopen(ANSWERS ".died", "w");
    abort();
}

static Return ask(const char *device, const char *key) {
    if (!find(device, key)) return NOT_SUPPORTED;
    if (answer[0] == '!') return atoi(answer + 1);
    if (strcmp(answer, "hang") == 0) for (;;) pause();
    if (strcmp(answer, "die") == 0) die();
    return OK;
}

static Return look(const Device *device, const char *key) {
    char name[64];
    if (device == NULL) return INVALID;
    if (device->mig < 0) snprintf(name, sizeof name, "%d", device->gpu);
    else snprintf(name, sizeof name, "%d/mig%d", device->gpu, device->mig);
    return ask(name, key);
}

static Return lookWith(const Device *device, const char *key, u32 argument) {
    char full[128];
    snprintf(full, sizeof full, "%s.%u", key, argument);
    return look(device, full);
}

static u64 number(int index) {
    char *end, *at = answer;
    u64 value = 0;
    for (; index >= 0; index--, at = end) value = strtoull(at, &end, 0);
    return value;
}

static Return give32(Return code, u32 *value) {
    if (code == OK) *value = (u32)number(0);
    return code;
}

static Return give64(Return code, u64 *value) {
    if (code == OK) *value = number(0);
    return code;
}

static Return giveText(Return code, char *text, u32 length) {
    if (code == OK) snprintf(text, length, "%s", answer);
    return code;
}

Return nvmlInit_v2(void) { return find("nvml", "Init") ? ask("nvml", "Init") : OK; }
Return nvmlShutdown(void) { return OK; }
Return nvmlSystemGetDriverVersion(char *text, u32 length) { return giveText(ask("nvml", "DriverVersion"), text, length); }
Return nvmlDeviceGetCount_v2(u32 *count) { return give32(ask("nvml", "Count"), count); }

Return nvmlDeviceGetHandleByIndex_v2(u32 index, Device **handle) {
    char name[16];
    if (index >= GPUS) return INVALID;
    snprintf(name, sizeof name, "%u", index);
    if (find(name, "*")) return ask(name, "*");
    devices[index][0] = (Device){ (int)index, -1 };
    *handle = &devices[index][0];
    return OK;
}

Return nvmlDeviceGetMigDeviceHandleByIndex(Device *device, u32 index, Device **handle) {
    Return code = lookWith(device, "MigDeviceHandleByIndex", index);
    if (code != OK) return code == NOT_SUPPORTED ? NOT_FOUND : code;
    devices[device->gpu][1 + index] = (Device){ device->gpu, (int)index };
    *handle = &devices[device->gpu][1 + index];
    return OK;
}

Return nvmlDeviceGetName(Device *device, char *text, u32 length) { return giveText(look(device, "Name"), text, length); }
Return nvmlDeviceGetUUID(Device *device, char *text, u32 length) { return giveText(look(device, "UUID"), text, length); }

Return nvmlDeviceGetPciInfo_v3(Device *device, Pci *pci) {
    Return code = look(device, "PciInfo");
    if (code == OK) snprintf(pci->busId, sizeof pci->busId, "%.31s", answer);
    return code;
}

Return nvmlDeviceGetUtilizationRates(Device *device, Utilization *rates) {
    Return code = look(device, "UtilizationRates");
    if (code == OK) *rates = (Utilization){ (u32)number(0), (u32)number(1) };
    return code;
}

Return nvmlDeviceGetMemoryInfo(Device *device, Memory *memory) {
    Return code = look(device, "MemoryInfo");
    /* The plain call counts what the driver reserves as used. */
    if (code == OK) *memory = (Memory){ number(0), number(0) - number(1) - number(2), number(1) + number(2) };
    return code;
}

#define NUMBER32(name) Return nvmlDeviceGet##name(Device *device, u32 *value) { return give32(look(device, #name), value); }
#define NUMBER64(name) Return nvmlDeviceGet##name(Device *device, u64 *value) { return give64(look(device, #name), value); }
#define TWO32(name) Return nvmlDeviceGet##name(Device *device, u32 *value, u32 *other) { *other = 0; return give32(look(device, #name), value); }
#define WITH32(name) Return nvmlDeviceGet##name(Device *device, u32 argument, u32 *value) { return give32(lookWith(device, #name, argument), value); }

NUMBER32(PowerUsage)
NUMBER32(EnforcedPowerLimit)
NUMBER32(FanSpeed)
NUMBER64(CurrentClocksThrottleReasons)
WITH32(Temperature)
WITH32(ClockInfo)

Return nvmlDeviceGetPcieThroughput(Device *device, u32 counter, u32 *value) {
    usleep(20000);
    return give32(lookWith(device, "PcieThroughput", counter), value);
}

Return nvmlDeviceGetTotalEccErrors(Device *device, u32 type, u32 counter, u64 *value) {
    return counter == 0 ? give64(lookWith(device, "TotalEccErrors", type), value) : INVALID;
}

/* `<pid>:<bytes>` each; `max` for bytes that the driver does not know. */
static u32 countPairs(void) {
    u32 count = 0;
    for (const char *at = answer; (at = strchr(at, ':')) != NULL; at++) count++;
    return count;
}

static const char *readPair(const char *at, u32 *pid, u64 *value) {
    char *end;
    *pid = (u32)strtoul(at, &end, 10);
    *value = strncmp(end + 1, "max", 3) == 0 ? ~0ULL : strtoull(end + 1, NULL, 10);
    return end + 1 + strcspn(end + 1, " ");
}

static Return listPairs(Return code, u32 *room, const void *list) {
    u32 had = *room;
    if (code != OK) return code;
    *room = countPairs();
    return *room > had || (list == NULL && *room > 0) ? INSUFFICIENT : OK;
}

#define LIST(name, suffix, type)                                                                        \
    Return nvmlDeviceGet##name##suffix(Device *device, u32 *room, type *list) {                         \
        Return code = listPairs(look(device, #name), room, list);                                       \
        const char *at = answer;                                                                        \
        for (u32 i = 0; code == OK && i < *room; i++) at = readPair(at, &list[i].pid, &list[i].used);   \
        return code;                                                                                    \
    }

LIST(ComputeRunningProcesses, , Process1)
LIST(GraphicsRunningProcesses, , Process1)

#ifndef OLD
LIST(ComputeRunningProcesses, _v3, Process2)
LIST(GraphicsRunningProcesses, _v3, Process2)
LIST(MPSComputeRunningProcesses, _v3, Process2)
NUMBER64(TotalEnergyConsumption)
NUMBER64(CurrentClocksEventReasons)
TWO32(EncoderUtilization)
TWO32(DecoderUtilization)
TWO32(MigMode)
NUMBER32(MaxMigDeviceCount)

/* `<pid>:<percent>` each, as of now. */
Return nvmlDeviceGetProcessUtilization(Device *device, Sample *list, u32 *room, u64 since) {
    Return code = listPairs(look(device, "ProcessUtilization"), room, list);
    const char *at = answer;
    if (code == OK && *room == 0) return NOT_FOUND;
    for (u32 i = 0; code == OK && i < *room; i++) {
        u64 percent;
        at = readPair(at, &list[i].pid, &percent);
        list[i].time = since + i + 1;
        list[i].sm = (u32)percent;
    }
    return code;
}

Return nvmlDeviceGetMemoryInfo_v2(Device *device, Memory2 *memory) {
    Return code = look(device, "MemoryInfo");
    if (memory->version != (sizeof(Memory2) | 2 << 24)) return VERSION;
    if (code != OK) return code;
    memory->total = number(0);
    memory->used = number(1);
    memory->reserved = number(2);
    memory->free = memory->total - memory->used - memory->reserved;
    return OK;
}

Return nvmlDeviceGetTemperatureV(Device *device, Temperature *temperature) {
    Return code = look(device, "TemperatureV");
    if (temperature->version != (sizeof(Temperature) | 1 << 24)) return VERSION;
    if (code == OK) temperature->temperature = (int)number(0);
    return code;
}

Return nvmlDeviceGetFieldValues(Device *device, int count, Field *fields) {
    for (int i = 0; i < count; i++) {
        fields[i].code = lookWith(device, "FieldValues", fields[i].id);
        fields[i].type = 1;
        if (fields[i].code == OK) fields[i].value = number(0);
    }
    return OK;
}

Return nvmlDeviceGetConfComputeMemSizeInfo(Device *device, void *info) { (void)device, (void)info; return NOT_SUPPORTED; }
#ifndef EARLY_535
Return nvmlDeviceGetRunningProcessDetailList(Device *device, void *list) { (void)device, (void)list; return NOT_SUPPORTED; }
#endif
#endif
