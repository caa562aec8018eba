// Neo4j's own parser as a filter: statements on standard input, each ended by a NUL byte; one line of output for each, "ok" or
// "error<TAB>message". The language is the argument: 5 or 25. With --time it prints nothing but how long each of N rounds took.
//   java -cp 'lib/*:.' Oracle 5|25 [--time N] < statements
import java.io.BufferedOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.neo4j.cypher.internal.CypherVersion;
import org.neo4j.cypher.internal.parser.AstParserFactory$;
import org.neo4j.cypher.internal.util.Neo4jCypherExceptionFactory;

public class Oracle {
  static String check(CypherVersion version, String statement) {
    try {
      AstParserFactory$.MODULE$.apply(version)
          .apply(statement, new Neo4jCypherExceptionFactory(statement, scala.Option.empty()), scala.Option.empty())
          .statements();
      return null;
    } catch (RuntimeException e) {
      return e.getMessage() == null ? e.toString() : e.getMessage();
    } catch (StackOverflowError e) {
      return "stack overflow";
    }
  }

  public static void main(String[] arguments) throws Exception {
    CypherVersion version = arguments[0].equals("25") ? CypherVersion.Cypher25 : CypherVersion.Cypher5;
    int rounds = arguments.length > 2 && arguments[1].equals("--time") ? Integer.parseInt(arguments[2]) : 0;
    List<String> statements = new ArrayList<>();
    byte[] input = System.in.readAllBytes();
    for (int begin = 0, i = 0; i < input.length; ++i) {
      if (input[i] != 0) continue;
      statements.add(new String(input, begin, i - begin, StandardCharsets.UTF_8));
      begin = i + 1;
    }
    PrintStream out = new PrintStream(new BufferedOutputStream(System.out), false, StandardCharsets.UTF_8);
    for (int round = 0; round < rounds; ++round) {
      long start = System.nanoTime();
      for (String s : statements) check(version, s);
      out.printf("round %d: %d statements in %.3f s%n", round + 1, statements.size(), (System.nanoTime() - start) / 1e9);
    }
    if (rounds == 0) {
      for (String s : statements) {
        String error = check(version, s);
        out.println(error == null ? "ok" : "error\t" + error.strip().split("\n")[0].replace('\t', ' '));
      }
    }
    out.flush();
  }
}
