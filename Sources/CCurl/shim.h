// libcurl, and typed doors to its variadic functions, which Swift cannot call.
#ifndef INGOT_CCURL_H
#define INGOT_CCURL_H

// The variadic functions themselves, not the macros that check their arguments: the doors below have types of their own.
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

typedef size_t (*ingot_curl_bytes_callback)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode ingot_curl_set_long(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode ingot_curl_set_offset(CURL *easy, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(easy, option, value);
}

// Also for the options that copy what the pointer leads to.
static inline CURLcode ingot_curl_set_pointer(CURL *easy, CURLoption option, void *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode ingot_curl_set_string(CURL *easy, CURLoption option, const char *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode ingot_curl_set_list(CURL *easy, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(easy, option, value);
}

// libcurl copies the bytes.
static inline CURLcode ingot_curl_set_blob(CURL *easy, CURLoption option, const void *bytes, size_t count) {
    struct curl_blob blob;
    blob.data = (void *)bytes;
    blob.len = count;
    blob.flags = CURL_BLOB_COPY;
    return curl_easy_setopt(easy, option, &blob);
}

// CURLOPT_WRITEFUNCTION, CURLOPT_READFUNCTION and CURLOPT_HEADERFUNCTION.
static inline CURLcode ingot_curl_set_bytes_callback(CURL *easy, CURLoption option, ingot_curl_bytes_callback callback) {
    return curl_easy_setopt(easy, option, callback);
}

// CURLOPT_PREREQFUNCTION.
static inline CURLcode ingot_curl_set_ready_callback(CURL *easy, curl_prereq_callback callback) {
    return curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, callback);
}

// CURLOPT_OPENSOCKETFUNCTION.
static inline CURLcode ingot_curl_set_socket_opener(CURL *easy, curl_opensocket_callback callback) {
    return curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, callback);
}

static inline CURLcode ingot_curl_get_long(CURL *easy, CURLINFO information, long *value) {
    return curl_easy_getinfo(easy, information, value);
}

static inline CURLcode ingot_curl_get_string(CURL *easy, CURLINFO information, char **value) {
    return curl_easy_getinfo(easy, information, value);
}

static inline CURLMcode ingot_curl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

static inline CURLMcode ingot_curl_multi_set_socket_callback(CURLM *multi, curl_socket_callback callback, void *context) {
    CURLMcode code = curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, context);
    return code == CURLM_OK ? curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, callback) : code;
}

static inline CURLMcode ingot_curl_multi_set_timer_callback(CURLM *multi, curl_multi_timer_callback callback, void *context) {
    CURLMcode code = curl_multi_setopt(multi, CURLMOPT_TIMERDATA, context);
    return code == CURLM_OK ? curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, callback) : code;
}

static inline CURLSHcode ingot_curl_share(CURLSH *share, curl_lock_data data) {
    return curl_share_setopt(share, CURLSHOPT_SHARE, data);
}

// The result of the transfer that a CURLMSG_DONE message tells of; Swift does not see into the union.
static inline CURLcode ingot_curl_message_result(const CURLMsg *message) {
    return message->data.result;
}

#endif
