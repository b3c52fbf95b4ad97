/* A VST3 for tests: "Late Gain", which delays by 32 frames and multiplies by its parameter Gain, from 0 to 2. With its
   parameter Wander on, each instance adds a small offset of its own: it does not repeat. Mono or stereo. Compiled with
   HANG or CRASH defined, it does that.

   In plain C, without headers, so that any small compiler makes it: cc -shared -fPIC -nostdlib. What is declared here
   of the interface of VST3 (order of methods, layout of structures, numbers) is all that it needs. */

typedef int result;
typedef unsigned char bool8;
typedef unsigned short char16;
typedef char id[16];
enum { OK = 0, NO = 1, NO_INTERFACE = -1, LATE = 32 };

void *calloc(unsigned long, unsigned long);
void free(void *);
int pause(void);
int memcmp(const void *, const void *, unsigned long);
void *memcpy(void *, const void *, unsigned long);
void *memset(void *, int, unsigned long);

static const id UNKNOWN = {0, 0, 0, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46};
static const id FACTORY = {0x7A, 0x4D, 0x81, 0x1C, 0x52, 0x11, 0x4A, 0x1F, 0xAE, 0xD9, 0xD2, 0xEE, 0x0B, 0x43, 0xBF, 0x9F};
static const id BASE = {0x22, 0x88, 0x8D, 0xDB, 0x15, 0x6E, 0x45, 0xAE, 0x83, 0x58, 0xB3, 0x48, 0x08, 0x19, 0x06, 0x25};
static const id COMPONENT = {0xE8, 0x31, 0xFF, 0x31, 0xF2, 0xD5, 0x43, 0x01, 0x92, 0x8E, 0xBB, 0xEE, 0x25, 0x69, 0x78, 0x02};
static const id PROCESSOR = {0x42, 0x04, 0x3F, 0x99, 0xB7, 0xDA, 0x45, 0x3C, 0xA5, 0x69, 0xE7, 0x9D, 0x9A, 0xAE, 0xC3, 0x3D};
static const id CONTROLLER = {0xDC, 0xD7, 0xBB, 0xE3, 0x77, 0x42, 0x44, 0x8D, 0xA8, 0x74, 0xAA, 0xCC, 0x97, 0x9C, 0x75, 0x9E};
static const id OURS = "Stemwright test";

struct plugin {
    void *component, *processor, *controller; /* each points to its methods */
    int refs, channels, at;
    double values[2]; /* of its parameters, from 0 to 1 */
    float offset, line[2][LATE];
};

static struct plugin *of_component(void *self) { return self; }
static struct plugin *of_processor(void *self) { return (struct plugin *)((void **)self - 1); }
static struct plugin *of_controller(void *self) { return (struct plugin *)((void **)self - 2); }
static int same(const char *a, const char *b) { return !memcmp(a, b, 16); }

static void widen(char16 *to, const char *text) {
    do *to++ = *text; while (*text++);
}

/* What all three have */

static result query(struct plugin *p, const char *iid, void **found) {
    *found = same(iid, UNKNOWN) || same(iid, BASE) || same(iid, COMPONENT) ? (void *)&p->component
             : same(iid, PROCESSOR)                                        ? (void *)&p->processor
             : same(iid, CONTROLLER)                                       ? (void *)&p->controller
                                                                           : 0;
    if (!*found) return NO_INTERFACE;
    p->refs++;
    return OK;
}
static unsigned release(struct plugin *p) {
    unsigned left = --p->refs;
    if (!left) free(p);
    return left;
}
static result query_1(void *s, const char *i, void **f) { return query(of_component(s), i, f); }
static result query_2(void *s, const char *i, void **f) { return query(of_processor(s), i, f); }
static result query_3(void *s, const char *i, void **f) { return query(of_controller(s), i, f); }
static unsigned add_1(void *s) { return ++of_component(s)->refs; }
static unsigned add_2(void *s) { return ++of_processor(s)->refs; }
static unsigned add_3(void *s) { return ++of_controller(s)->refs; }
static unsigned release_1(void *s) { return release(of_component(s)); }
static unsigned release_2(void *s) { return release(of_processor(s)); }
static unsigned release_3(void *s) { return release(of_controller(s)); }
static result initialize(void *s, void *host) { return OK; }
static result terminate(void *s) { return OK; }

/* The component: one bus in, one out; its state are the values of its parameters */

struct bus { int media, direction, channels; char16 name[128]; int type; unsigned flags; };
struct stream { result (**methods)(void *, void *, int, int *); }; /* read and write are methods 3 and 4 */

static result controller_class(void *s, char *cid) { return NO; }
static result io_mode(void *s, int mode) { return OK; }
static int bus_count(void *s, int media, int direction) { return media == 0; }
static result bus_info(void *s, int media, int direction, int index, struct bus *bus) {
    if (media || index) return NO;
    memset(bus, 0, sizeof *bus);
    bus->direction = direction;
    bus->channels = of_component(s)->channels;
    widen(bus->name, direction ? "Out" : "In");
    bus->flags = 1; /* active by default */
    return OK;
}
static result routing(void *s, void *in, void *out) { return NO; }
static result activate_bus(void *s, int media, int direction, int index, bool8 on) { return OK; }
static result set_active(void *s, bool8 on) {
    struct plugin *p = of_component(s);
    memset(p->line, 0, sizeof p->line);
    p->at = 0;
    return OK;
}
static result set_state(void *s, struct stream *from) {
    int count = 0;
    return from->methods[3](from, of_component(s)->values, 16, &count) || count != 16 ? NO : OK;
}
static result get_state(void *s, struct stream *to) {
    int count = 0;
    return to->methods[4](to, of_component(s)->values, 16, &count);
}

/* The processor */

struct setup { int mode, size, most; double rate; };
struct buffers { int channels; unsigned long long silent; float **samples; };
struct data {
    int mode, size, frames, ins, outs;
    struct buffers *in, *out;
    void *changes; /* and more */
};

static int speakers(unsigned long long set) {
    int count = 0;
    for (; set; set >>= 1) count += set & 1;
    return count;
}
static result set_arrangements(void *s, unsigned long long *in, int ins, unsigned long long *out, int outs) {
    int channels = ins == 1 ? speakers(*in) : 0;
    if (channels < 1 || channels > 2 || outs != 1 || speakers(*out) != channels) return NO;
    of_processor(s)->channels = channels;
    return OK;
}
static result arrangement(void *s, int direction, int index, unsigned long long *set) {
    *set = of_processor(s)->channels == 2 ? 3 : 1 << 19;
    return index ? NO : OK;
}
static result can_process(void *s, int size) { return size ? NO : OK; }
static unsigned latency(void *s) { return LATE; }
static result setup_processing(void *s, struct setup *setup) { return OK; }
static result set_processing(void *s, bool8 on) { return OK; }
static unsigned tail(void *s) { return 0; }

/* The last point of each queue of changes is taken */
static void take_changes(struct plugin *p, void *changes) {
    int (*count)(void *) = (*(void ***)changes)[3];
    void *(*get)(void *, int) = (*(void ***)changes)[4];
    for (int i = 0; i < count(changes); i++) {
        void *queue = get(changes, i);
        unsigned (*parameter)(void *) = (*(void ***)queue)[3];
        int (*points)(void *) = (*(void ***)queue)[4];
        result (*point)(void *, int, int *, double *) = (*(void ***)queue)[5];
        int offset;
        double value;
        if (parameter(queue) < 2 && points(queue) && !point(queue, points(queue) - 1, &offset, &value))
            p->values[parameter(queue)] = value;
    }
}
static result process(void *s, struct data *data) {
    struct plugin *p = of_processor(s);
#ifdef HANG
    for (;;) pause();
#endif
#ifdef CRASH
    *(volatile int *)0 = 1;
#endif
    if (data->changes) take_changes(p, data->changes);
    if (!data->ins || !data->outs) return OK;
    float gain = 2 * p->values[0], offset = p->values[1] > 0.5 ? p->offset : 0;
    for (int n = 0; n < data->frames; n++, p->at = (p->at + 1) % LATE)
        for (int c = 0; c < p->channels; c++) {
            float sample = data->in->samples[c][n];
            data->out->samples[c][n] = gain * p->line[c][p->at] + offset;
            p->line[c][p->at] = sample;
        }
    return OK;
}

/* The controller */

struct parameter {
    unsigned number;
    char16 title[128], short_title[128], unit[128];
    int steps;
    double value;
    int group, flags;
};

static result set_component_state(void *s, struct stream *from) { return set_state(&of_controller(s)->component, from); }
static result set_state_3(void *s, struct stream *from) { return OK; }
static result get_state_3(void *s, struct stream *to) { return OK; }
static int parameter_count(void *s) { return 2; }
static result parameter_info(void *s, int index, struct parameter *info) {
    if (index < 0 || index > 1) return NO;
    memset(info, 0, sizeof *info);
    info->number = index;
    widen(info->title, index ? "Wander" : "Gain");
    widen(info->short_title, index ? "Wander" : "Gain");
    info->steps = index;
    info->value = index ? 0 : 0.5;
    info->flags = 1; /* can be automated */
    return OK;
}
static result as_text(void *s, unsigned number, double value, char16 *text) {
    char digits[] = "0.000";
    int thousandths = 2000 * value + 0.5;
    if (number) return widen(text, value > 0.5 ? "On" : "Off"), OK;
    for (int i = 4; i >= 0; i -= i == 2 ? 2 : 1, thousandths /= 10) digits[i] = '0' + thousandths % 10;
    return widen(text, digits), OK;
}
static result from_text(void *s, unsigned number, char16 *text, double *value) {
    double scale = 1, found = 0;
    if (number) return *value = text[1] == 'n', OK;
    for (; *text >= '0' && *text <= '9'; text++) found = 10 * found + *text - '0';
    if (*text == '.')
        for (text++; *text >= '0' && *text <= '9'; text++) found += (scale /= 10) * (*text - '0');
    *value = found / 2;
    return OK;
}
static double to_plain(void *s, unsigned number, double value) { return number ? value : 2 * value; }
static double from_plain(void *s, unsigned number, double value) { return number ? value : value / 2; }
static double get_value(void *s, unsigned number) { return number < 2 ? of_controller(s)->values[number] : 0; }
static result set_value(void *s, unsigned number, double value) {
    if (number > 1) return NO;
    of_controller(s)->values[number] = value;
    return OK;
}
static result set_handler(void *s, void *handler) { return OK; }
static void *create_view(void *s, const char *name) { return 0; }

static void *const COMPONENTS[] = {query_1, add_1, release_1, initialize, terminate, controller_class, io_mode, bus_count,
                                   bus_info, routing, activate_bus, set_active, set_state, get_state};
static void *const PROCESSORS[] = {query_2, add_2, release_2, set_arrangements, arrangement, can_process, latency,
                                   setup_processing, set_processing, process, tail};
static void *const CONTROLLERS[] = {query_3, add_3, release_3, initialize, terminate, set_component_state, set_state_3,
                                    get_state_3, parameter_count, parameter_info, as_text, from_text, to_plain,
                                    from_plain, get_value, set_value, set_handler, create_view};

/* The factory, which is there once */

struct maker { char vendor[64], url[256], email[128]; int flags; };
struct class { id cid; int instances; char category[32], name[64]; };

static result query_factory(void *s, const char *iid, void **found) {
    *found = same(iid, UNKNOWN) || same(iid, FACTORY) ? s : 0;
    return *found ? OK : NO_INTERFACE;
}
static unsigned keep(void *s) { return 1; }
static result maker_info(void *s, struct maker *maker) {
    memset(maker, 0, sizeof *maker);
    memcpy(maker->vendor, "Stemwright", 11);
    return OK;
}
static int class_count(void *s) { return 1; }
static result class_info(void *s, int index, struct class *class) {
    memset(class, 0, sizeof *class);
    memcpy(class->cid, OURS, 16);
    class->instances = 0x7FFFFFFF;
    memcpy(class->category, "Audio Module Class", 19);
    memcpy(class->name, "Late Gain", 10);
    return OK;
}
static result create(void *s, const char *cid, const char *iid, void **found) {
    static int made;
    struct plugin *p = same(cid, OURS) ? calloc(1, sizeof *p) : 0;
    if (!p) return NO;
    p->component = (void *)COMPONENTS;
    p->processor = (void *)PROCESSORS;
    p->controller = (void *)CONTROLLERS;
    p->channels = 2;
    p->values[0] = 0.5;
    p->offset = ++made * 1e-3f;
    p->refs = 1;
    result answer = query(p, iid, found);
    release(p);
    return answer;
}
static void *const FACTORIES[] = {query_factory, keep, keep, maker_info, class_count, class_info, create};
static void *const factory = (void *)FACTORIES;

void *GetPluginFactory(void) { return (void *)&factory; }
bool8 ModuleEntry(void *library) { return 1; }
bool8 ModuleExit(void) { return 1; }
