#!/usr/bin/env bash
# The step of action.yml: installs and starts the server, waits until it responds, and stops it with a summary of the coverage.
# Works with the Bash 3.2 of macOS.
set -euo pipefail
state=${RUNNER_TEMP:?}/tiledesk-mock
releases=${TILEDESK_MOCK_RELEASES:-https://github.com/tiledesk-mock/tiledesk-mock/releases}

fail() {
    echo "::error title=tiledesk-mock::$1"
    exit 1
}

log() {
    echo "::group::Log of the server"
    cat "$state/log"
    echo "::endgroup::"
}

download() {
    curl --fail --silent --show-error --location --retry 3 --output "$state/$1" "$base/$1" || fail "Cannot download $base/$1."
}

# Prints the path of the executable.
install() {
    if [ -n "$INPUT_BINARY" ]; then
        [ -x "$INPUT_BINARY" ] || fail "binary: $INPUT_BINARY is not an executable."
        mkdir -p "$state/bin"
        cp "$INPUT_BINARY" "$state/bin/tiledesk-mock"
        return
    fi
    local target
    case "$RUNNER_OS-$RUNNER_ARCH" in
        Linux-X64) target=x86_64-unknown-linux-musl ;;
        Linux-ARM64) target=aarch64-unknown-linux-musl ;;
        macOS-X64) target=x86_64-apple-darwin ;;
        macOS-ARM64) target=aarch64-apple-darwin ;;
        *) fail "This action runs on Linux and macOS, not on $RUNNER_OS $RUNNER_ARCH." ;;
    esac
    local base="$releases/download/v${INPUT_VERSION#v}" archive=tiledesk-mock-$target.tar.gz
    if [ "$INPUT_VERSION" = latest ]; then base=$releases/latest/download; fi
    download "$archive"
    download SHA256SUMS
    local checksum=sha256sum
    command -v sha256sum >/dev/null || checksum="shasum -a 256"
    (cd "$state" && grep "  $archive\$" SHA256SUMS | $checksum --check --status) || fail "$archive does not match its checksum."
    mkdir -p "$state/bin"
    tar -xzf "$state/$archive" -C "$state/bin" --strip-components 1
}

# Whether the server at a URL responds and is the one with this ID. Older versions have none.
healthy() {
    tiledesk-mock health --url "$1" ${2:+--instance "$2"}
}

start() {
    rm -rf "$state"
    mkdir -p "$state"
    install
    echo "$state/bin" >>"$GITHUB_PATH"
    export PATH="$state/bin:$PATH"

    local options=(--port "$INPUT_PORT") word
    if [ -n "$INPUT_COVERAGE" ]; then options+=(--coverage "$INPUT_COVERAGE"); fi
    if [ -n "$INPUT_FAIL_UNDER" ]; then
        options+=(--fail-under "$INPUT_FAIL_UNDER")
        [ -n "$INPUT_COVERAGE" ] || options+=(--coverage "$state/coverage.json")
    fi
    # Split as a shell does, quotes included.
    if [ -n "$INPUT_ARGS" ]; then
        while IFS= read -r word; do options+=("$word"); done < <(xargs printf '%s\n' <<<"$INPUT_ARGS")
    fi

    # A subshell outlives this step and records the exit status, for which a later step cannot wait.
    (
        trap '' HUP
        tiledesk-mock "${options[@]}" >"$state/output" 2>"$state/log" &
        echo $! >"$state/pid"
        status=0
        wait $! || status=$?
        echo "$status" >"$state/status"
    ) </dev/null >/dev/null 2>&1 &

    local url="" instance="" why=""
    for _ in $(seq 300); do
        if [ -s "$state/status" ]; then
            log
            fail "The server did not start: $(tail -n 1 "$state/log")"
        fi
        url=$(sed -n 's/^listening on //p' "$state/output" 2>/dev/null || true)
        url=${url/0.0.0.0/127.0.0.1}
        instance=$(sed -n 's/^  instance *//p' "$state/output" 2>/dev/null || true)
        if [ -n "$url" ] && why=$(healthy "$url" "$instance" 2>&1); then break; fi
        case "$why" in *"another server"*) break ;; esac
        sleep 0.1
    done
    healthy "$url" "$instance" || fail "The server did not respond: ${why:-it did not start within 30 s}"
    echo "$url" >"$state/url"
    echo "url=$url" >>"$GITHUB_OUTPUT"
    printf '%s\n' "TILEDESK_MOCK_URL=$url" "TILEDESK_MOCK_INSTANCE=$instance" >>"$GITHUB_ENV"
    export TILEDESK_MOCK_URL=$url TILEDESK_MOCK_INSTANCE=$instance
    echo "tiledesk-mock is listening on $url"
}

# The totals, and the operations to unfold.
summary() {
    local authorization=()
    if [ -n "${TILEDESK_MOCK_CONTROL_TOKEN:-}" ]; then authorization=(--header "Authorization: Bearer $TILEDESK_MOCK_CONTROL_TOKEN"); fi
    curl --fail --silent --max-time 30 ${authorization[@]+"${authorization[@]}"} "$(cat "$state/url")/_control/coverage?format=markdown" |
        awk '/^\| operation \|/ { print "<details><summary>Operations</summary>\n"; open = 1 }
             { print }
             END { if (open) print "\n</details>" }' >>"$GITHUB_STEP_SUMMARY" ||
        echo "::warning title=tiledesk-mock::The coverage cannot be read, so the summary is missing."
}

stop() {
    [ -s "$state/pid" ] || fail "No step has started the server."
    if [ ! -s "$state/status" ]; then
        summary
        kill -TERM "$(cat "$state/pid")" 2>/dev/null || true
        for _ in $(seq 150); do
            [ -s "$state/status" ] && break
            sleep 0.1
        done
    fi
    log
    [ -s "$state/status" ] || fail "The server did not stop within 15 s."
    local status
    status=$(cat "$state/status")
    rm -f "$state/pid"
    [ "$status" -eq 0 ] || fail "The server exited with status $status: $(tail -n 1 "$state/log")"
}

case "$INPUT_COMMAND" in
    start)
        start
        if [ -n "$INPUT_RUN" ]; then
            tests=0
            bash -eo pipefail -c "$INPUT_RUN" || tests=$?
            # The status of the tests counts more than that of the server.
            (stop) || [ "$tests" -ne 0 ] || exit 1
            exit "$tests"
        fi
        ;;
    stop) stop ;;
    *) fail "command: expected \`start\` or \`stop\`, got \`$INPUT_COMMAND\`." ;;
esac
