# xml.sh: sourced by 64-lxml.sh. build_xml builds libxml2, libxslt and libexslt as static libraries in
# $XML: without network, threads, catalogs, modules and cryptography, which a cell does not have, and
# without the interfaces that lxml does not use (readers and writers of libxml2's own, debugging).
XML=$WORK/xml

# version NAME: the version of a source
version() { awk -v n="$1" '$1 == n {print $2}' "$BUILD/versions.lock"; }
# number VERSION: 21504 for 2.15.4
number() { local a b c; IFS=. read -r a b c <<< "$1"; echo $((a * 10000 + b * 100 + c)); }

# header VERSION FILE OUT WITH...: writes a header from FILE, with the parts WITH and no others
header() {
  local v=$1 file=$2 out=$3 part edits=()
  shift 3
  for part; do edits+=(-e "s/@WITH_$part@/1/"); done
  sed "${edits[@]}" -e 's/@WITH_[A-Z0-9_]*@/0/' -e "s/@VERSION@/$v/; s/@LIB[A-Z]*_VERSION_NUMBER@/$(number "$v")/" \
    -e "s/@LIBEXSLT_VERSION@/$v/; s/@[A-Z_]*@//" "$file" > "$out"
}

# library NAME FLAGS FILE...: builds lib/libNAME.a from C files
library() {
  local name=$1 flags=$2 file
  shift 2
  mkdir -p "$XML/obj/$name"
  for file; do
    # shellcheck disable=SC2086 # flags are words
    python -IS "$BUILD/tools/mcc" $flags -I"$XML/include" -I"$DEPS/include" -Wno-everything -Wcast-function-type-mismatch -c "$file" -o "$XML/obj/$name/$(basename "$file" .c).o"
  done
  $WASI_AR rcsD "$XML/lib/lib$name.a" "$XML/obj/$name"/*.o
}

build_xml() {
  local x=$SRC/libxml2 s=$SRC/libxslt
  rm -rf "$XML"
  mkdir -p "$XML"/{lib,include,libxml2,libxslt}
  cp -r "$x/include/libxml" "$XML/include"
  header "$(version libxml2)" "$x/include/libxml/xmlversion.h.in" "$XML/include/libxml/xmlversion.h" \
    C14N HTML ICONV OUTPUT PATTERN PUSH REGEXPS RELAXNG SAX1 SCHEMAS SCHEMATRON VALID XINCLUDE XPATH XPTR ZLIB
  echo '#define XML_SYSCONFDIR "/etc"' > "$XML/libxml2/config.h"
  library gz "-I$SRC/zlib -DHAVE_UNISTD_H" "$SRC"/zlib/{gzclose,gzlib,gzread,gzwrite}.c
  library xml2 "-I$XML/libxml2 -I$x/include" "$x"/{buf,c14n,chvalid,dict,encoding,entities,error,globals,hash,HTMLparser,HTMLtree,list,parser,parserInternals,pattern,relaxng,SAX2,schematron,threads,tree,uri,valid,xinclude,xlink,xmlIO,xmlmemory,xmlregexp,xmlsave,xmlschemas,xmlschemastypes,xmlstring,xpath,xpointer}.c
  mkdir "$XML"/include/{libxslt,libexslt}
  cp "$s"/libxslt/*.h "$XML/include/libxslt"
  cp "$s"/libexslt/*.h "$XML/include/libexslt"
  header "$(version libxslt)" "$s/libxslt/xsltconfig.h.in" "$XML/include/libxslt/xsltconfig.h" PROFILER
  header 0.8.25 "$s/libexslt/exsltconfig.h.in" "$XML/include/libexslt/exsltconfig.h"
  printf '#define HAVE_%s 1\n' CLOCK_GETTIME GETTIMEOFDAY GMTIME_R LOCALTIME_R LOCALE_H SNPRINTF STAT SYS_{STAT,TIME,TYPES}_H UNISTD_H VSNPRINTF > "$XML/libxslt/config.h"
  library xslt "-I$XML/libxslt" "$s"/libxslt/*.c
  library exslt "-I$XML/libxslt" "$s"/libexslt/*.c
}
