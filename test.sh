#!/usr/bin/env bash
# Installs what the tests use, builds everything with warnings as errors, runs every test.
# The last line is 'N passed, N failed, N skipped'; the exit code is 0 only when nothing failed.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
cd "$root"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

passed=0
failed=0
skipped=0

finish() {
    echo "$passed passed, $failed failed, $skipped skipped"
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
    exit $?
}

broken() {
    echo "$1"
    failed=$((failed + 1))
    finish
}

libraries="$(ldconfig -p 2>/dev/null || /sbin/ldconfig -p 2>/dev/null || true)"
has_library() { grep -q "$1" <<<"$libraries"; }

missing_packages() {
    command -v gcc >/dev/null || printf 'gcc libc6-dev '
    command -v cmake >/dev/null || printf 'cmake '
    command -v make >/dev/null || printf 'make '
    command -v arm-none-eabi-gcc >/dev/null || printf 'gcc-arm-none-eabi '
    [ -d /usr/lib/arm-none-eabi/newlib ] || [ -d /usr/arm-none-eabi/include ] || printf 'libnewlib-arm-none-eabi '
    command -v qemu-system-arm >/dev/null || printf 'qemu-system-arm '
    command -v arm-linux-gnueabihf-gcc >/dev/null || printf 'gcc-arm-linux-gnueabihf '
    [ -f /usr/arm-linux-gnueabihf/include/stdio.h ] || printf 'libc6-dev-armhf-cross '
    command -v qemu-arm >/dev/null || printf 'qemu-user '
    has_library 'libturbojpeg\.so\.0' || printf 'libturbojpeg0 '
    has_library 'libpng16\.so\.16' || printf 'libpng16-16 '
    has_library 'libwebp\.so\.7' || printf 'libwebp7 '
    has_library 'libhdf5_serial\.so\.103' || printf 'libhdf5-103-1 '
    command -v node >/dev/null || printf 'nodejs '
    command -v npm >/dev/null || printf 'npm '
    /usr/bin/python3 -c 'import onnx' 2>/dev/null || printf 'python3-onnx '
}

install_packages() {
    local packages sudo=()
    packages="$(missing_packages)"
    [ -n "$packages" ] || return 0
    if ! command -v apt-get >/dev/null; then
        echo "not installed: $packages (tests that need them are skipped)"
        return 0
    fi
    [ "$(id -u)" -eq 0 ] || sudo=(sudo -n)
    echo "installing $packages"
    # shellcheck disable=SC2086
    "${sudo[@]}" apt-get update -qq && "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >/dev/null ||
        echo "apt-get could not install: $packages (tests that need them are skipped)"
}

install_peers() {
    local lock
    for lock in tests/peers/*/package-lock.json; do
        [ -f "$lock" ] || continue
        (cd "$(dirname "$lock")" && npm ci --ignore-scripts --no-audit --no-fund --silent) || echo "npm ci failed in $(dirname "$lock")"
    done
}

# The runner's line: '   Name  Total: 18, Errors: 0, Failed: 0, Skipped: 0, Not Run: 0, Time: 0.600s'
count() { sed -n "s/.*Total: [0-9]*,.*$1: \([0-9]*\).*/\1/p" "$2" | tail -n 1; }

run_project() {
    local project="$1" name program log code=0 total errors fails skips
    name="$(basename "$project" .csproj)"
    program="$(dirname "$project")/bin/Release/net10.0/$name.dll"
    log="$(mktemp)"
    dotnet "$program" -noColor >"$log" 2>&1 || code=$?
    total="$(sed -n 's/.*Total: \([0-9]*\),.*/\1/p' "$log" | tail -n 1)"
    if [ -z "$total" ]; then
        # A project without a test yet has nothing to sum up; everything else that ends this way crashed.
        if grep -q 'Total: 0' "$log" || ! grep -rqE '\[(Fact|Theory)' --include='*.cs' "$(dirname "$project")"; then
            rm -f "$log"
            return
        fi
        echo "--- $name crashed (exit code $code)"
        tail -n 40 "$log"
        failed=$((failed + 1))
        rm -f "$log"
        return
    fi
    errors="$(count Errors "$log")"
    fails="$(count Failed "$log")"
    skips="$(count Skipped "$log")"
    fails=$((fails + errors))
    if [ "$fails" -eq 0 ] && [ "$code" -ne 0 ] && [ "$total" -gt 0 ]; then
        fails=1
    fi
    if [ "$fails" -gt 0 ]; then
        echo "--- $name"
        grep -vE '^ *(Discover|Starting|Finished)' "$log" || true
    elif [ "$skips" -gt 0 ]; then
        grep -A 1 '\[SKIP\]' "$log" || true
    fi
    echo "$name: $((total - fails - skips > 0 ? total - fails - skips : 0)) passed, $fails failed, $skips skipped"
    passed=$((passed + (total - fails - skips > 0 ? total - fails - skips : 0)))
    failed=$((failed + fails))
    skipped=$((skipped + skips))
    rm -f "$log"
}

install_packages
install_peers
dotnet build Kindling.slnx --configuration Release --nologo --verbosity quiet -warnaserror || broken "the build failed"
for project in tests/*/*.csproj; do
    run_project "$project"
done
finish
