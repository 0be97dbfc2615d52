// OpenSSL for Swift: the functions that OpenSSL has as macros only.
#ifndef INGOT_COPENSSL_H
#define INGOT_COPENSSL_H

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

static inline int ingot_ssl_ctx_set_minimum_tls12(SSL_CTX *context) {
    return (int)SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
}

static inline int ingot_ssl_ctx_set_maximum_tls12(SSL_CTX *context) {
    return (int)SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
}

/// For tests of what servers refuse: OpenSSL itself thinks so little of TLS 1.1 that it needs its lowest security level.
static inline void ingot_ssl_ctx_speak_tls11_only(SSL_CTX *context) {
    SSL_CTX_set_security_level(context, 0);
    (void)SSL_CTX_set_min_proto_version(context, TLS1_1_VERSION);
    (void)SSL_CTX_set_max_proto_version(context, TLS1_1_VERSION);
}

static inline void ingot_ssl_ctx_forbid_renegotiation(SSL_CTX *context) {
    (void)SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
}

static inline int ingot_ssl_ctx_add_chain_certificate(SSL_CTX *context, X509 *certificate) {
    return (int)SSL_CTX_add0_chain_cert(context, certificate);
}

static inline void ingot_ssl_ctx_release_buffers(SSL_CTX *context) {
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE
                                  | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
}

static inline void ingot_ssl_ctx_keep_no_sessions(SSL_CTX *context) {
    (void)SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
}

static inline int ingot_ssl_set_server_name(SSL *session, const char *name) {
    return (int)SSL_set_tlsext_host_name(session, name);
}

static inline int ingot_bio_is_flush(int command) {
    return command == BIO_CTRL_FLUSH;
}

static inline void ingot_bio_retry_read(BIO *bio) {
    BIO_clear_retry_flags(bio);
    BIO_set_retry_read(bio);
}

static inline void ingot_bio_clear_retry(BIO *bio) {
    BIO_clear_retry_flags(bio);
}

/// Whether the last error is that a PEM text has no further block.
static inline int ingot_err_is_end_of_pem(void) {
    unsigned long code = ERR_peek_last_error();
    return ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE;
}

static inline long ingot_bio_memory(BIO *bio, char **bytes) {
    return BIO_get_mem_data(bio, bytes);
}

static inline void ingot_bio_reset(BIO *bio) {
    (void)BIO_reset(bio);
}

static inline EVP_PKEY *ingot_make_p256_key(void) {
    return EVP_EC_gen("P-256");
}

#endif
