// foreign_table.hpp: entries of a library's table (foreign.h) from the types of its functions, which
// the library's own header declares.
#pragma once
#include <type_traits>
#include <utility>

extern "C" {
#include "foreign.h"
}

namespace tabcell {

// Returns the letter of a type.
template <class T> constexpr char letter() {
    if (std::is_void_v<T>) return 'v';
    if (std::is_same_v<T, void (*)(const char *)>) return 'c';
    if (std::is_same_v<T, float>) return 'f';
    if (std::is_same_v<T, double>) return 'd';
    static_assert(std::is_void_v<T> || std::is_arithmetic_v<T> || std::is_pointer_v<T>, "cannot be passed by value");
    static_assert(!std::is_function_v<std::remove_pointer_t<T>> || std::is_same_v<T, void (*)(const char *)>, "not a known callback");
    return sizeof(std::conditional_t<std::is_void_v<T>, int, T>) == 8 ? 'l' : 'i';
}

template <class T> T load(const foreign_value &from) {
    if constexpr (std::is_pointer_v<T>) return reinterpret_cast<T>(from.i);
    else if constexpr (letter<T>() == 'f') return from.f;
    else if constexpr (letter<T>() == 'd') return from.d;
    else return static_cast<T>(letter<T>() == 'l' ? from.l : from.i);
}

template <class T> void store(T from, foreign_value *to) {
    if constexpr (std::is_pointer_v<T>) to->i = reinterpret_cast<int32_t>(from);
    else if constexpr (letter<T>() == 'f') to->f = from;
    else if constexpr (letter<T>() == 'd') to->d = from;
    else if constexpr (letter<T>() == 'l') to->l = from;
    else to->i = from;
}

template <auto function> struct entry;
template <class Result, class... Parameters, Result (*function)(Parameters...)> struct entry<function> {
    static_assert(sizeof...(Parameters) <= FOREIGN_PARAMETERS);
    static constexpr char types[] = {letter<Result>(), letter<Parameters>()..., 0};

    template <size_t... i> static void pass(const foreign_value *arguments, foreign_value *result, std::index_sequence<i...>) {
        (void)arguments;
        if constexpr (std::is_void_v<Result>) function(load<Parameters>(arguments[i])...);
        else store<Result>(function(load<Parameters>(arguments[i])...), result);
    }
    static void call(void (*)(void), const foreign_value *arguments, foreign_value *result) {
        pass(arguments, result, std::index_sequence_for<Parameters...>());
    }
    static foreign_function named(const char *name) { return {name, reinterpret_cast<void (*)(void)>(function), types, call}; }
};

}
