import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/** Named checks of one server, what they have opened, and what they say: see test/support/zk-checks.ts. */
abstract class Checks {
  interface Check {
    /** The path does not exist yet, and belongs to the check. */
    void run(String root) throws Exception;
  }

  interface Condition {
    boolean holds() throws Exception;
  }

  private final Map<String, Check> checks = new LinkedHashMap<>();
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private final BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
  /** HOST:PORT[,HOST:PORT...] */
  protected final String connect;

  Checks(String connect) {
    this.connect = connect;
  }

  final void check(String name, Check check) {
    checks.put(name, check);
  }

  /** True if all hold. */
  final boolean run(String prefix) {
    boolean held = true;
    int number = 0;
    for (Map.Entry<String, Check> one : checks.entrySet()) {
      try {
        one.getValue().run(String.format("/%s-%d-%02d", prefix, ProcessHandle.current().pid(), number++));
        say("ok " + one.getKey());
      } catch (Throwable problem) {
        held = false;
        say("FAILED " + one.getKey() + ": " + problem.toString().replace('\n', ' '));
        problem.printStackTrace();
      }
      closeAll();
    }
    return held;
  }

  /** To be closed when the check is over, the last one first. */
  final <T extends AutoCloseable> T later(T closeable) {
    synchronized (opened) {
      opened.push(closeable);
    }
    return closeable;
  }

  private void closeAll() {
    for (; !opened.isEmpty(); opened.pop()) {
      try {
        opened.peek().close();
      } catch (Exception problem) {
        // Many a check has closed it already.
      }
    }
  }

  /** Lets every connection of this program be broken. */
  final void cut() throws IOException {
    ask("cut");
  }

  /** Lets happen what is to go wrong in this place. */
  final void disturb() throws IOException {
    ask("disturb");
  }

  private void ask(String what) throws IOException {
    say("-- " + what);
    same(input.readLine() != null, true);
  }

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }

  static void same(Object seen, Object expected) {
    boolean equal =
        seen instanceof byte[] && expected instanceof byte[]
            ? Arrays.equals((byte[]) seen, (byte[]) expected)
            : Objects.equals(seen, expected);
    if (!equal) throw new AssertionError(seen + " instead of " + expected);
  }

  static void fails(Class<? extends Exception> expected, Check run) throws Exception {
    try {
      run.run(null);
    } catch (Exception problem) {
      if (expected.isInstance(problem)) return;
      throw problem;
    }
    throw new AssertionError("no " + expected.getSimpleName());
  }

  static void until(String what, Condition condition) throws Exception {
    for (long begun = System.nanoTime(); !condition.holds(); Thread.sleep(20)) {
      if (System.nanoTime() - begun > 30_000_000_000L) throw new AssertionError(what + ": not within 30 s");
    }
  }

  static <T> T next(BlockingQueue<T> queue) throws Exception {
    T value = queue.poll(30, TimeUnit.SECONDS);
    if (value == null) throw new AssertionError("nothing within 30 s");
    return value;
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static String text(byte[] bytes) {
    return bytes == null ? "null" : new String(bytes, StandardCharsets.UTF_8);
  }
}
