/*
 * librdmacm and libibverbs over TCP sockets, as far as migrations call them:
 * loaded before or instead of the real ones it lets a QEMU, and core/rdma/verbs/system,
 * migrate by RDMA on a machine without a device. It speaks what core/rdma/verbs/soft speaks.
 *
 * Structures are laid out as in rdma-core; what nobody looks at is padding.
 */
#define _GNU_SOURCE
#include <endian.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { POLL_CQ = 11, REQ_NOTIFY_CQ = 12, POST_SEND = 25, POST_RECV = 26, OPS = 32 };
enum { WR_RDMA_WRITE = 0, WR_SEND = 2, REMOTE_WRITE = 2 };
enum { ADDR_RESOLVED = 0, ADDR_ERROR = 1, ROUTE_RESOLVED = 2, CONNECT_REQUEST = 4, REJECTED = 8, ESTABLISHED = 9, DISCONNECTED = 10 };

struct context { void *device, *ops[OPS]; char rest[128]; };
struct pd { struct context *context; char rest[64]; };
struct comp { struct context *context; int fd, refs, in; };
struct wc { uint64_t id; uint32_t status, opcode, vendor, len; char rest[24]; };
struct sge { uint64_t addr; uint32_t len, key; };
struct send_wr { uint64_t id; struct send_wr *next; struct sge *sge; int sges; uint32_t op, flags, imm; uint64_t to; uint32_t key; };
struct recv_wr { uint64_t id; struct recv_wr *next; struct sge *sge; int sges; };
struct mr { struct context *context; void *pd, *addr; size_t len; uint32_t handle, lkey, rkey; int access; struct mr *next; };
struct init_attr { void *context, *send_cq, *recv_cq; };
struct conn_param { const void *private; uint8_t len; char rest[64]; };
struct addr { int flags, family, type, space; uint32_t src_len, dst_len; struct sockaddr *src, *dst; char *canon[2];
	size_t len[1]; void *route; size_t more; void *connect; struct addr *next; };

/* cq keeps what is done. */
enum { RING = 8192 };
struct cq {
	struct context *context;
	void *channel, *user;
	char rest[256];
	pthread_mutex_t lock;
	struct wc ring[RING];
	unsigned first, last;
	int armed, told; /* told: an event waits in the pipe */
	struct comp *comp;
};

struct device_attr { char before[80]; uint64_t max_mr_size; char between[24]; int max_qp_wr; char after[116]; };
struct channel { int fd, in; };
struct event { struct id *id, *listen; int kind, status; struct conn_param conn; uint8_t private[256]; };
struct receive { uint64_t id; void *p; uint32_t len; struct receive *next; };

/* id is a connection, or what listens; its beginning is rdma_cm_id's. */
struct qp { struct context *context; char rest[256]; struct id *id; struct cq *send, *recv; };
struct id {
	struct context *verbs;
	struct channel *channel;
	void *user;
	struct qp *qp;
	char src[128], dst[128], rest[768];
	int socket, running, down;
	pthread_t reader;
	struct receive *receives, **end;
	pthread_mutex_t lock, out;
	pthread_cond_t posted;
};

static char device[1024];
static struct context context;
static pthread_mutex_t memory = PTHREAD_MUTEX_INITIALIZER, channels = PTHREAD_MUTEX_INITIALIZER;
static struct mr *regions;
static uint32_t last_key = 0x51000001;

static int take(int fd, void *p, size_t n)
{
	for (char *c = p; n > 0;) {
		ssize_t k = read(fd, c, n);
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return -1;
		c += k, n -= k;
	}
	return 0;
}

static int give(int fd, void *head, size_t size, void *p, size_t n)
{
	struct iovec v[2] = {{head, size}, {p, n}};
	for (int i = 0; i < 2;) {
		struct msghdr m = {.msg_iov = v + i, .msg_iovlen = 2 - i};
		ssize_t k = sendmsg(fd, &m, MSG_NOSIGNAL);
		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return -1;
		for (; i < 2 && k >= (ssize_t)v[i].iov_len; i++)
			k -= v[i].iov_len;
		if (i < 2) {
			v[i].iov_base = (char *)v[i].iov_base + k;
			v[i].iov_len -= k;
		}
	}
	return 0;
}

/* Pointers go through pipes, whose other ends can be polled. */
static void pass(int fd, void *p)
{
	if (write(fd, &p, sizeof p) != sizeof p)
		perror("softrdma");
}

static void *passed(int fd)
{
	void *p;
	return take(fd, &p, sizeof p) ? NULL : p;
}

static void tell(struct id *id, struct id *listen, int kind, const void *private, int n)
{
	struct event *e = calloc(1, sizeof *e);
	e->id = id, e->listen = listen, e->kind = kind;
	memcpy(e->private, private, n);
	e->conn.private = e->private, e->conn.len = 56;
	pthread_mutex_lock(&channels);
	if (id->channel->in >= 0)
		pass(id->channel->in, e);
	else
		free(e);
	pthread_mutex_unlock(&channels);
}

struct channel *rdma_create_event_channel(void)
{
	struct channel *c = calloc(1, sizeof *c);
	int p[2];
	if (pipe(p))
		return NULL;
	c->fd = p[0], c->in = p[1];
	return c;
}

/* A QEMU does so while its second connection still uses it: the structure stays. */
void rdma_destroy_event_channel(struct channel *c)
{
	pthread_mutex_lock(&channels);
	close(c->fd), close(c->in);
	c->fd = c->in = -1;
	pthread_mutex_unlock(&channels);
}

int rdma_get_cm_event(struct channel *c, struct event **e) { return (*e = passed(c->fd)) ? 0 : -1; }
int rdma_ack_cm_event(struct event *e) { free(e); return 0; }
const char *rdma_event_str(int e) { return "event"; }

static int poll_cq(struct cq *c, int n, struct wc *wc)
{
	int k = 0;
	pthread_mutex_lock(&c->lock);
	while (k < n && c->first != c->last)
		wc[k++] = c->ring[c->first++ % RING];
	pthread_mutex_unlock(&c->lock);
	return k;
}

static int req_notify_cq(struct cq *c, int solicited)
{
	pthread_mutex_lock(&c->lock);
	c->armed = 1;
	pthread_mutex_unlock(&c->lock);
	return 0;
}

static void done(struct cq *c, uint64_t id, uint32_t len)
{
	pthread_mutex_lock(&c->lock);
	if (c->last - c->first == RING) {
		fprintf(stderr, "softrdma: a completion queue overflows\n");
		abort();
	}
	c->ring[c->last++ % RING] = (struct wc){.id = id, .len = len};
	if (c->armed && !c->told) { /* who finds by polling what is done leaves the event, and a pipe is soon full */
		c->told = 1;
		pass(c->comp->in, c);
	}
	c->armed = 0;
	pthread_mutex_unlock(&c->lock);
}

struct head { uint32_t kind, len, key, zero; uint64_t to; };

static int post_send(struct qp *q, struct send_wr *w, struct send_wr **bad)
{
	for (; w; w = w->next) {
		struct head h = {htobe32(w->op == WR_SEND ? 1 : 2), htobe32(w->sge->len)};
		if (w->op == WR_RDMA_WRITE)
			h.key = htobe32(w->key), h.to = htobe64(w->to);
		pthread_mutex_lock(&q->id->out);
		int broken = give(q->id->socket, &h, sizeof h, (void *)w->sge->addr, w->sge->len);
		pthread_mutex_unlock(&q->id->out);
		if (broken) {
			*bad = w;
			return EPIPE;
		}
		done(q->send, w->id, w->sge->len);
	}
	return 0;
}

static int post_recv(struct qp *q, struct recv_wr *w, struct recv_wr **bad)
{
	struct id *id = q->id;
	pthread_mutex_lock(&id->lock);
	for (; w; w = w->next) {
		struct receive *r = calloc(1, sizeof *r);
		r->id = w->id, r->p = (void *)w->sge->addr, r->len = w->sge->len;
		*id->end = r, id->end = &r->next;
	}
	pthread_cond_broadcast(&id->posted);
	pthread_mutex_unlock(&id->lock);
	return 0;
}

static int message(struct id *id, uint32_t len)
{
	pthread_mutex_lock(&id->lock);
	while (!id->receives && !id->down)
		pthread_cond_wait(&id->posted, &id->lock);
	struct receive *r = id->receives;
	if (r && !(id->receives = r->next))
		id->end = &id->receives;
	pthread_mutex_unlock(&id->lock);
	if (!r || len > r->len || take(id->socket, r->p, len))
		return -1;
	done(id->qp->recv, r->id, len);
	free(r);
	return 0;
}

static int written(struct id *id, uint32_t key, uint64_t to, uint32_t len)
{
	pthread_mutex_lock(&memory);
	struct mr *m = regions;
	while (m && m->rkey != key)
		m = m->next;
	uint64_t at = m ? (uintptr_t)m->addr : 0;
	int fine = m && m->access & REMOTE_WRITE && to >= at && to - at <= m->len && len <= m->len - (to - at);
	pthread_mutex_unlock(&memory);
	if (!fine) {
		fprintf(stderr, "softrdma: a write of %u bytes to %lx with key %08x\n", len, (long)to, key);
		return -1;
	}
	return take(id->socket, (void *)to, len);
}

static void *reader(void *p)
{
	struct id *id = p;
	struct head h;
	int more = 1;
	while (more && !take(id->socket, &h, sizeof h)) {
		uint32_t len = be32toh(h.len);
		char text[257] = "";
		switch (be32toh(h.kind)) {
		case 1:
			more = !message(id, len);
			break;
		case 2:
			more = !written(id, be32toh(h.key), be64toh(h.to), len);
			break;
		default:
			more = 0;
			if (len < sizeof text && !take(id->socket, text, len))
				fprintf(stderr, "softrdma: the peer refused %s\n", text);
		}
	}
	tell(id, NULL, DISCONNECTED, "", 0);
	return NULL;
}

static void run(struct id *id, void *(*f)(void *))
{
	id->running = 1;
	pthread_create(&id->reader, NULL, f, id);
}

static struct id *make(struct channel *c, void *user)
{
	context.device = device;
	context.ops[POLL_CQ] = poll_cq, context.ops[REQ_NOTIFY_CQ] = req_notify_cq;
	context.ops[POST_SEND] = post_send, context.ops[POST_RECV] = post_recv;
	struct id *id = calloc(1, sizeof *id);
	id->channel = c, id->user = user, id->socket = -1, id->end = &id->receives;
	pthread_mutex_init(&id->lock, NULL);
	pthread_mutex_init(&id->out, NULL);
	pthread_cond_init(&id->posted, NULL);
	return id;
}

int rdma_create_id(struct channel *c, struct id **id, void *user, int space) { *id = make(c, user); return 0; }
int rdma_set_option(struct id *id, int level, int name, void *value, size_t n) { return 0; }

int rdma_getaddrinfo(const char *node, const char *service, const void *hints, struct addr **out)
{
	struct addrinfo h = {.ai_socktype = SOCK_STREAM}, *a;
	if (getaddrinfo(node, service, &h, &a))
		return -1;
	struct addr *r = calloc(1, sizeof *r);
	r->family = a->ai_family, r->dst_len = a->ai_addrlen;
	r->dst = memcpy(malloc(a->ai_addrlen), a->ai_addr, a->ai_addrlen);
	freeaddrinfo(a);
	*out = r;
	return 0;
}

void rdma_freeaddrinfo(struct addr *a) { free(a->dst), free(a); }

static socklen_t length(struct sockaddr *a)
{
	return a->sa_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
}

/* prompt prepares the socket of a connection. */
static void prompt(struct id *id)
{
	int on = 1;
	socklen_t n = sizeof id->src, m = sizeof id->dst;
	setsockopt(id->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	getsockname(id->socket, (struct sockaddr *)id->src, &n);
	getpeername(id->socket, (struct sockaddr *)id->dst, &m);
}

int rdma_resolve_addr(struct id *id, struct sockaddr *from, struct sockaddr *to, int ms)
{
	id->socket = socket(to->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0), id->verbs = &context;
	int failed = connect(id->socket, to, length(to));
	prompt(id);
	tell(id, NULL, failed ? ADDR_ERROR : ADDR_RESOLVED, "", 0);
	return 0;
}

int rdma_resolve_route(struct id *id, int ms) { tell(id, NULL, ROUTE_RESOLVED, "", 0); return 0; }

int rdma_create_qp(struct id *id, struct pd *pd, struct init_attr *a)
{
	struct qp *q = calloc(1, sizeof *q);
	q->context = &context, q->id = id, q->send = a->send_cq, q->recv = a->recv_cq;
	id->qp = q;
	return 0;
}

static void stop(struct id *id, int how)
{
	shutdown(id->socket, how);
	pthread_mutex_lock(&id->lock);
	id->down = 1;
	pthread_cond_broadcast(&id->posted);
	pthread_mutex_unlock(&id->lock);
}

static void finish(struct id *id)
{
	stop(id, SHUT_RDWR);
	if (id->running)
		pthread_join(id->reader, NULL);
	id->running = 0;
}

/* Queues are told of nothing any more from here on. */
void rdma_destroy_qp(struct id *id) { finish(id); }

static const char magic[8] = "qmRDMA\0\1";

static int hello(int fd, const struct conn_param *p)
{
	uint8_t b[10];
	memcpy(b, magic, 8);
	b[8] = 0, b[9] = p->len;
	return give(fd, b, sizeof b, (void *)p->private, p->len);
}

/* heard gives how many bytes the peer says of itself, or -1. */
static int heard(int fd, uint8_t private[256])
{
	uint8_t b[10];
	if (take(fd, b, sizeof b) || memcmp(b, magic, 8) || b[8] || take(fd, private, b[9]))
		return -1;
	return b[9];
}

static void *connecter(void *p)
{
	struct id *id = p;
	uint8_t private[256];
	int n = heard(id->socket, private);
	tell(id, NULL, n < 0 ? REJECTED : ESTABLISHED, private, n < 0 ? 0 : n);
	return n < 0 ? NULL : reader(id);
}

int rdma_connect(struct id *id, struct conn_param *p)
{
	if (hello(id->socket, p))
		return -1;
	run(id, connecter);
	return 0;
}

int rdma_bind_addr(struct id *id, struct sockaddr *a)
{
	int on = 1;
	id->socket = socket(a->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0), id->verbs = &context;
	setsockopt(id->socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	return bind(id->socket, a, length(a));
}

uint16_t rdma_get_src_port(struct id *id)
{
	struct sockaddr_in6 a = {0};
	socklen_t n = sizeof a;
	getsockname(id->socket, (struct sockaddr *)&a, &n);
	return a.sin6_port; /* where IPv4 has it, too */
}

static void *accepter(void *p)
{
	struct id *listen = p;
	for (int fd; (fd = accept4(listen->socket, NULL, NULL, SOCK_CLOEXEC)) >= 0;) {
		uint8_t private[256];
		int n = heard(fd, private);
		if (n < 0) {
			close(fd);
			continue;
		}
		struct id *id = make(listen->channel, listen->user);
		id->socket = fd, id->verbs = &context;
		prompt(id);
		tell(id, listen, CONNECT_REQUEST, private, n);
	}
	return NULL;
}

int rdma_listen(struct id *id, int backlog)
{
	pthread_t t;
	return listen(id->socket, backlog) || pthread_create(&t, NULL, accepter, id) ? -1 : 0;
}

int rdma_accept(struct id *id, struct conn_param *p)
{
	/* Before the peer can connect once more: events come in order. */
	tell(id, NULL, ESTABLISHED, "", 0);
	if (hello(id->socket, p))
		return -1;
	run(id, reader);
	return 0;
}

int rdma_reject(struct id *id, const void *private, uint8_t n)
{
	uint8_t b[10] = {[8] = 1};
	memcpy(b, magic, 8);
	return give(id->socket, b, sizeof b, NULL, 0);
}

int rdma_migrate_id(struct id *id, struct channel *c) { id->channel = c; return 0; }

int rdma_disconnect(struct id *id) { stop(id, SHUT_WR); return 0; }

int rdma_destroy_id(struct id *id)
{
	finish(id);
	close(id->socket);
	return 0;
}

struct pd *ibv_alloc_pd(struct context *c)
{
	struct pd *p = calloc(1, sizeof *p);
	p->context = c;
	return p;
}

int ibv_dealloc_pd(struct pd *p) { free(p); return 0; }

struct comp *ibv_create_comp_channel(struct context *c)
{
	struct comp *h = calloc(1, sizeof *h);
	int p[2];
	if (pipe(p))
		return NULL;
	h->context = c, h->fd = p[0], h->in = p[1];
	return h;
}

int ibv_destroy_comp_channel(struct comp *c) { close(c->fd), close(c->in); return 0; }

struct cq *ibv_create_cq(struct context *context, int n, void *user, struct comp *comp, int vector)
{
	struct cq *c = calloc(1, sizeof *c);
	c->context = context, c->user = user, c->comp = comp;
	pthread_mutex_init(&c->lock, NULL);
	return c;
}

int ibv_destroy_cq(struct cq *c) { return 0; }

int ibv_get_cq_event(struct comp *h, struct cq **c, void **user)
{
	if (!(*c = passed(h->fd)))
		return -1;
	pthread_mutex_lock(&(*c)->lock);
	(*c)->told = 0;
	pthread_mutex_unlock(&(*c)->lock);
	*user = (*c)->user;
	return 0;
}

void ibv_ack_cq_events(struct cq *c, unsigned n) {}

struct mr *ibv_reg_mr(struct pd *pd, void *addr, size_t len, int access)
{
	struct mr *m = calloc(1, sizeof *m);
	m->context = pd->context, m->pd = pd, m->addr = addr, m->len = len, m->access = access;
	pthread_mutex_lock(&memory);
	m->lkey = m->rkey = last_key += 0x101;
	m->next = regions, regions = m;
	pthread_mutex_unlock(&memory);
	return m;
}

int ibv_dereg_mr(struct mr *m)
{
	pthread_mutex_lock(&memory);
	struct mr **p = &regions;
	while (*p != m)
		p = &(*p)->next;
	*p = m->next;
	pthread_mutex_unlock(&memory);
	free(m);
	return 0;
}

int ibv_query_device(struct context *c, struct device_attr *a)
{
	a->max_mr_size = ~0ull, a->max_qp_wr = RING / 2;
	return 0;
}

const char *ibv_wc_status_str(int s) { return "status"; }
int ibv_query_port(struct context *c, uint8_t port, void *attr) { return 0; }
