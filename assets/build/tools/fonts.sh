# fonts.sh: sourced by 69-matplotlib.sh. build_fonts builds FreeType, HarfBuzz, SheenBidi and raqm,
# which lay text out and render it, and Qhull, which triangulates, as static libraries in $FONTS.
# FreeType and HarfBuzz use each other.
FONTS=$WORK/fonts

# library NAME FLAGS FILE...: builds lib/libNAME.a from C or C++ files
library() {
  local name=$1 flags=$2 file cxx
  shift 2
  mkdir -p "$FONTS/obj/$name"
  for file; do
    cxx=()
    case $file in *.cc) cxx=(--c++ -std=c++17 -fno-rtti) ;; esac
    # shellcheck disable=SC2086 # flags are words
    python -IS "$BUILD/tools/mcc" "${cxx[@]}" $flags -I"$FONTS/include" -c "$file" -o "$FONTS/obj/$name/$(basename "${file%.*}").o"
  done
  $WASI_AR rcsD "$FONTS/lib/lib$name.a" "$FONTS/obj/$name"/*.o
}

# FreeType with the formats TrueType, OpenType and Type 1
build_freetype() {
  local src=$SRC/freetype/src
  grep -vE 't1cid|pfr|t42|winfnt|pcf|bdf|sdf|svg' "$SRC/freetype/include/freetype/config/ftmodule.h" > "$FONTS/include/freetype/config/ftmodule.h"
  library freetype "-DFT2_BUILD_LIBRARY -DFT_CONFIG_OPTION_SYSTEM_ZLIB -DFT_CONFIG_OPTION_USE_HARFBUZZ -I$DEPS/include" \
    "$src"/base/{ftbase,ftbbox,ftbitmap,ftdebug,ftglyph,ftinit,ftmm,ftstroke,ftsynth,ftsystem,fttype1}.c \
    "$src"/{autofit/autofit,cff/cff,gzip/ftgzip,lzw/ftlzw,psaux/psaux,pshinter/pshinter,psnames/psnames,raster/raster,sfnt/sfnt,smooth/smooth,truetype/truetype,type1/type1}.c
}

build_fonts() {
  local major minor micro
  rm -rf "$FONTS"
  mkdir -p "$FONTS"/{lib,include/libqhull_r}
  cp -r "$SRC/freetype/include/." "$SRC/sheenbidi/Headers/." "$SRC"/harfbuzz/src/hb*.h "$SRC/raqm/src/raqm.h" "$FONTS/include"
  cp "$SRC"/qhull/src/libqhull_r/*.h "$FONTS/include/libqhull_r"
  IFS=. read -r major minor micro <<< "$(awk '$1 == "raqm" {print $2}' "$BUILD/versions.lock")"
  sed "s/@RAQM_VERSION@/$major.$minor.$micro/; s/@RAQM_VERSION_MAJOR@/$major/; s/@RAQM_VERSION_MINOR@/$minor/; s/@RAQM_VERSION_MICRO@/$micro/" \
    "$SRC/raqm/src/raqm-version.h.in" > "$FONTS/include/raqm-version.h"
  build_freetype
  library harfbuzz "-DHB_NO_MT -DHB_NO_MMAP -DHB_NO_GETENV -DHB_NO_SETLOCALE -DHB_DISABLE_DEPRECATED -DHAVE_FREETYPE" "$SRC/harfbuzz/src/harfbuzz.cc"
  library sheenbidi "-DSB_CONFIG_UNITY -I$SRC/sheenbidi/Source" "$SRC/sheenbidi/Source/SheenBidi.c"
  library raqm "-DRAQM_SHEENBIDI -I$FONTS/include/SheenBidi" "$SRC/raqm/src/raqm.c"
  library qhull_r "" "$SRC"/qhull/src/libqhull_r/{geom2_r,geom_r,global_r,io_r,libqhull_r,mem_r,merge_r,poly2_r,poly_r,qset_r,random_r,rboxlib_r,stat_r,user_r,usermem_r,userprintf_r,userprintf_rbox_r}.c
}
