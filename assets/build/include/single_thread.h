// single_thread.h: included before all C++ code. libc++ for wasm32-wasi is built without threads,
// so std has no mutexes and no locks. These do nothing, since a cell has one thread.
#pragma once
#include <__config>
#if defined(_LIBCPP_HAS_NO_THREADS)
#include <mutex>
namespace std {
struct mutex {
    constexpr mutex() noexcept {}
    mutex(const mutex &) = delete;
    void lock() {}
    void unlock() {}
    bool try_lock() { return true; }
};
struct recursive_mutex : mutex {};

template <class Mutex> struct unique_lock {
    unique_lock() noexcept {}
    template <class... Policy> explicit unique_lock(Mutex &, Policy...) {}
    void lock() {}
    void unlock() {}
    bool try_lock() { return true; }
    bool owns_lock() const { return true; }
};
}
#endif
