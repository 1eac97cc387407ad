import java.util.Arrays;
import org.codelibs.elasticsearch.runner.ElasticsearchClusterRunner;

/** One node, until it is killed: its folder, then its settings as name=value. */
public class ElasticsearchNode {
    public static void main(String[] arguments) throws Exception {
        ElasticsearchClusterRunner runner = new ElasticsearchClusterRunner();
        runner.onBuild((number, settings) -> Arrays.stream(arguments).skip(1)
            .map(argument -> argument.split("=", 2))
            .forEach(pair -> settings.put(pair[0], pair[1])));
        runner.build(ElasticsearchClusterRunner.newConfigs().basePath(arguments[0]).numOfNode(1));
        Thread.currentThread().join();
    }
}
